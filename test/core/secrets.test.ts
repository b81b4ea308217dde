import { acceptingReferences, referencesIn } from "../../core/secret-reference";
import { Secrets } from "../../core/secrets";

const secrets = (variables: Record<string, string>, hidden: string[] = []): Secrets =>
  new Secrets({
    allows: (name) => name.startsWith("S_"),
    variables: new Map(Object.entries(variables)),
    hidden,
    allowed: "DQUEUE_SECRETS allows S_* here",
  });

test("references are replaced wherever they stand, and a config without any stays the same object", () => {
  const known = secrets({ S_ONE: "value-one", S_TWO: "value-two" });
  const config = { a: { $secret: "env:S_ONE" }, b: [1, { "c/d": { $secret: "env:S_TWO" } }], e: { f: null } };
  expect(known.resolve(config)).toEqual({ a: "value-one", b: [1, { "c/d": "value-two" }], e: { f: null } });
  expect(config.a).toEqual({ $secret: "env:S_ONE" });
  expect(referencesIn(config)).toEqual([
    { pointer: "/a", variable: "S_ONE" },
    { pointer: "/b/1/c~1d", variable: "S_TWO" },
  ]);
  const plain = { a: { b: [{ c: "env:S_ONE" }] } };
  expect(known.resolve(plain)).toBe(plain);
});

test.each([
  ["of a variable that is not set", "env:S_NONE", "SECRET_MISSING", /at \/x\/y: .*S_NONE is not set/],
  [
    "of one that is not allowed",
    "env:PATH",
    "SECRET_NOT_ALLOWED",
    /env:PATH may not be named; DQUEUE_SECRETS allows S_/,
  ],
  ["without env:", "S_ONE", "INVALID_SECRET", /must be {"\$secret": "env:NAME"}/],
])("a reference %s is refused with its place", (_what, $secret, code, message) => {
  const resolve = () => secrets({ S_ONE: "value-one" }).resolve({ x: { y: { $secret } } });
  expect(resolve).toThrow(message);
  expect(resolve).toThrow(expect.objectContaining({ code, details: expect.objectContaining({ pointer: "/x/y" }) }));
});

test("a reference with something beside it is malformed", () => {
  expect(() => secrets({ S_ONE: "value-one" }).resolve({ x: { $secret: "env:S_ONE", y: 1 } })).toThrow(
    /nothing beside/,
  );
});

test("a secret is masked as it is, line by line, within JSON and within a URL", () => {
  const value = 'first "line"\nsecond & line\r\nab';
  const known = secrets({ S_ONE: value });
  expect(known.mask(`<${value}>`)).toBe("<***>");
  expect(known.mask('first "line"')).toBe("***");
  expect(known.mask("and second & line")).toBe("and ***");
  expect(known.mask(JSON.stringify({ value }))).toBe('{"value":"***"}');
  expect(known.mask(`/?q=${encodeURIComponent(value)}`)).toBe("/?q=***");
  expect(known.mask("ab")).toBe("ab");
  expect(known.maskIn({ [`k ${value}`]: [value, 1] })).toEqual({ "k ***": ["***", 1] });
});

test("the longer one of two secrets is masked whole, and characters of patterns mean themselves", () => {
  const known = secrets({ S_ONE: "pass.word", S_TWO: "pass.word+more", S_THREE: "abc" }, ["hidden"]);
  expect(known.mask("pass.word+more pass.word passXword hidden abc")).toBe("*** *** passXword *** abc");
});

test("of text that goes on, what may be the beginning of a secret is kept back", () => {
  const known = secrets({ S_ONE: "0123456789" });
  const { told, kept } = known.maskBegun("some text 01234");
  expect(told + kept).toBe("some text 01234");
  expect(known.mask(`${kept}56789`)).toMatch(/\*\*\*$/);
  expect(known.maskBegun("ab😀12345678").told).toBe("ab");
  expect(secrets({}).maskBegun("text")).toEqual({ told: "text", kept: "" });
});

test("a value holds a secret in its keys too, but short ones are found there by chance alone", () => {
  const known = secrets({ S_ONE: "0123456789", S_TWO: "prod" });
  expect(known.heldBy({ a: ["x0123456789y"] })).toEqual({ variable: "S_ONE", pointer: "/a/0" });
  expect(known.heldBy({ a: { "0123456789": 1 } })).toEqual({ variable: "S_ONE", pointer: "/a" });
  expect(known.heldBy({ a: "production" })).toBeNull();
});

test("a schema takes a reference where it wants any text", () => {
  const IS_REFERENCE = { type: "object", required: ["$secret"] };
  const accepting = acceptingReferences({
    type: "object",
    properties: { text: { type: ["string", "null"] }, one: { type: "string", enum: ["a"] }, n: { type: "number" } },
    $defs: { list: { type: "array", items: { anyOf: [{ type: "string", minLength: 3 }, { type: "number" }] } } },
  });
  expect(accepting).toEqual({
    if: IS_REFERENCE,
    then: false,
    else: {
      type: "object",
      properties: {
        text: { if: IS_REFERENCE, else: { type: ["string", "null"] } },
        one: { type: "string", enum: ["a"] },
        n: { type: "number" },
      },
      $defs: {
        list: {
          type: "array",
          items: { anyOf: [{ if: IS_REFERENCE, else: { type: "string", minLength: 3 } }, { type: "number" }] },
        },
      },
    },
  });
});
