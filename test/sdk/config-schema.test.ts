import { job, op, z } from "../../sdk";
import { refused } from "./refused";

test("the run's config is the ops' objects merged, flat, and unknown keys are refused", () => {
  const a = op({
    name: "a",
    config: z.object({ folder: z.string(), top: z.number().int().default(10), shared: z.string() }),
    run: () => 1,
  });
  const b = op({
    name: "b",
    config: z.object({ shared: z.string().min(3), folder: z.string(), only_b: z.boolean().optional() }),
    run: () => 1,
  });
  const demo = job("demo", { defaultConfig: { folder: "./docs" } }, (g) => {
    g.call(a);
    g.call(b);
  });
  expect(demo.snapshot.configSchema).toEqual({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: {
      folder: { type: "string" },
      top: { type: "integer", default: 10, minimum: expect.any(Number), maximum: expect.any(Number) },
      shared: { allOf: [{ type: "string" }, { type: "string", minLength: 3 }] },
      only_b: { type: "boolean" },
    },
    required: ["folder", "shared"],
    additionalProperties: false,
  });
  expect(demo.snapshot.defaultConfig).toEqual({ folder: "./docs" });
});

test("a key that every call fixes is no config of the run; one that only some fix is", () => {
  const a = op({ name: "a", config: z.object({ id: z.string(), size: z.number() }), run: () => 1 });
  const fixed = job("fixed", (g) => [
    g.call(a, undefined, { config: { id: "x", size: 1 } }),
    g.call(a, undefined, { config: { id: "y" } }),
  ]);
  expect(fixed.snapshot.configSchema).toMatchObject({ properties: { size: { type: "number" } }, required: ["size"] });
  expect(Object.keys(fixed.snapshot.configSchema.properties as object)).toEqual(["size"]);
  expect(refused(() => job("demo", (g) => g.call(a, undefined, { config: { size: "big" } }))).field).toBe(
    "config.size",
  );
  expect(refused(() => job("demo", { defaultConfig: { idd: "x" } }, (g) => g.call(a))).field).toBe("defaultConfig.idd");
});

test("recursive config schemas of two ops do not get into each other's way", () => {
  const A = z.object({ name: z.string(), get children() { return z.array(A); } }); // prettier-ignore
  const B = z.object({ size: z.number(), get children() { return z.array(B); } }); // prettier-ignore
  const a = op({ name: "a", config: z.object({ tree: A }), run: () => 1 });
  const b = op({ name: "b", config: z.object({ other: B }), run: () => 1 });
  const schema = job("demo", (g) => [g.call(a), g.call(b)]).snapshot.configSchema as any;
  const nameOf = (reference: string): string => reference.replace("#/$defs/", "");
  expect(schema.$defs[nameOf(schema.properties.tree.$ref)].properties).toHaveProperty("name");
  expect(schema.$defs[nameOf(schema.properties.other.$ref)].properties).toHaveProperty("size");
});

test("config that JSON Schema cannot say is refused with the field", () => {
  const a = op({ name: "a", config: z.object({ range: z.object({ since: z.date() }) }), run: () => 1 });
  expect(refused(() => job("demo", (g) => g.call(a)))).toMatchObject({
    op: "a",
    field: "config.range.since",
    code: "INVALID_DEFINITION",
  });
  const b = op({ name: "b", config: z.object({ check: z.custom<string>() }), run: () => 1 });
  expect(refused(() => job("demo", (g) => g.call(b)))).toMatchObject({ op: "b", field: "config.check" });
});
