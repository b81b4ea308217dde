import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, isScalar, type Node, parseDocument, type YAMLMap } from "yaml";
import { CHART } from "./chart";

/** A value of the chart: where it stands, what it is without being set, and what it means. */
interface Value {
  path: string;
  fallback: string;
  about: string;
}

const aboutOf = (comment: string | null | undefined): string =>
  /-- (.*)/s.exec(comment ?? "")?.[1]?.replace(/\n/g, " ") ?? "";

/** A value is told by itself where it has a comment of its own or is no map, a map value by value. */
const valuesOf = (map: YAMLMap<Node, Node>, above = ""): Value[] =>
  map.items.flatMap(({ key, value }, index) => {
    const path = `${above}${String(key)}`;
    // The first comment of a map is the map's own to the parser.
    const about = aboutOf(key.commentBefore ?? (index === 0 ? map.commentBefore : null));
    if (isMap<Node, Node>(value) && value.items.length > 0 && about === "") return valuesOf(value, `${path}.`);
    const plain = isScalar(value) ? value.value : value?.toJS(document);
    return [{ path, fallback: JSON.stringify(plain), about }];
  });

const text = readFileSync(join(CHART, "values.yaml"), "utf8");
const document = parseDocument(text);

const cell = (words: string): string => words.replaceAll("|", "\\|");

/** The chart's README, whose table is made of values.yaml and its comments. */
export const chartReadme = (): string => `# The dqueue chart

Web servers, daemons and workers on Kubernetes or OpenShift. How to use it is told in
[docs/deployment.md](../../docs/deployment.md); this page lists its values.

| value | without it | meaning |
| --- | --- | --- |
${valuesOf(document.contents as unknown as YAMLMap<Node, Node>)
  .map(({ path, fallback, about }) => `| \`${path}\` | \`${cell(fallback)}\` | ${cell(about)} |`)
  .join("\n")}
`;

if (require.main === module) writeFileSync(join(CHART, "README.md"), chartReadme());
