import type { JsonObject, LaunchCheck } from "../../../client";
import { type ConfigText, type Path, pathOf, type Place } from "./config-text";
import { nearest, propertiesOf, type Schema, schemaAt } from "./schema";

export interface Problem {
  /** What is wrong: "region", or "" of the whole. */
  name: string;
  message: string;
  place: Place;
  path: Path;
  kind: "missing" | "extra" | "value" | "text" | "launch" | "steps";
  /** What was surely meant in its place. */
  fix: string | null;
}

/** What is wrong, in the order of the text: that it cannot be read, else what the server says. */
export const problemsOf = (schema: Schema, text: ConfigText, check: LaunchCheck | undefined): Problem[] => {
  if (text.wrong) {
    const { message, place } = text.wrong;
    return [{ name: "", message, place, path: [], kind: "text", fix: null }];
  }
  const problems = (check?.errors ?? []).map((error) => problemOf(schema, text, error));
  return problems.sort((a, b) => a.place.from - b.place.from);
};

const problemOf = (schema: Schema, text: ConfigText, { pointer, message }: LaunchCheck["errors"][number]): Problem => {
  const [area, ...path] = pathOf(pointer);
  const place = text.placeOf(area === "config" ? path : []);
  if (area === "steps") return { name: "Ops", message, place, path: [], kind: "steps", fix: null };
  if (area !== "config") return { name: [area, ...path].join(" "), message, place, path, kind: "launch", fix: null };
  const name = path.at(-1) ?? "";
  const kind = message === "is required" ? "missing" : message.startsWith("is not known") ? "extra" : "value";
  return { name, message, place, path, kind, fix: fixOf(schema, text.value!, path, kind) };
};

const fixOf = (schema: Schema, value: JsonObject, path: Path, kind: Problem["kind"]): string | null => {
  if (kind === "extra") {
    const known = propertiesOf(schema, schemaAt(schema, path.slice(0, -1))).map(([name]) => name);
    return nearest(path.at(-1)!, known);
  }
  const { enum: allowed } = schemaAt(schema, path);
  const own = path.reduce<unknown>((at, key) => (at as JsonObject | undefined)?.[key], value);
  if (kind !== "value" || !Array.isArray(allowed) || typeof own !== "string") return null;
  return nearest(
    own,
    allowed.filter((one) => typeof one === "string"),
  );
};
