import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { ROOT } from "./image";

export const CHART = join(ROOT, "helm/dqueue");

/** A rendered object. */
export type Manifest = Record<string, any>;

const installed = (program: string): boolean => spawnSync(program, ["-h"], { stdio: "ignore" }).status === 0;

const absent = ["helm", "kubeconform"].filter((program) => !installed(program));
const ABSENT = `NOT RUN: the tests of the Helm chart. Not on the PATH: ${absent.join(", ")} (.ci/run installs them).`;

/** `describe` for suites that need helm and kubeconform. Where they are not it says so; with CI=true it is a failure. */
export const describeChart = (name: string, suite: () => void): void => {
  if (absent.length === 0) return describe(name, suite);
  if (process.env.CI === "true") {
    test(`${name} (needs helm and kubeconform)`, () => {
      throw new Error(ABSENT);
    });
    return;
  }
  process.stderr.write(`\n${"!".repeat(100)}\n${ABSENT}\n  ${name}\n${"!".repeat(100)}\n`);
  describe.skip(name, suite);
};

/** Values files that the chart is tested with. */
export const VALUES = readdirSync(join(CHART, "ci")).filter((name) => name.endsWith("-values.yaml"));

export const valuesFile = (name: string): string => join(CHART, "ci", name);

const KUBERNETES = ["--kube-version", "1.34.0"];

export const lint = (values: string): { ok: boolean; text: string } => {
  const { status, stdout, stderr } = spawnSync(
    "helm",
    ["lint", CHART, "--strict", "--quiet", ...KUBERNETES, "--values", values],
    { encoding: "utf8" },
  );
  return { ok: status === 0, text: stdout + stderr };
};

/** What `helm template` prints; throws what it complains of. `more`: e.g. `--set`. */
export const render = (values: string[], more: string[] = [], chart = CHART): string =>
  execFileSync(
    "helm",
    [
      "template",
      "dqueue",
      chart,
      "--namespace",
      "jobs",
      ...KUBERNETES,
      ...values.flatMap((name) => ["-f", name]),
      ...more,
    ],
    { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
  );

export const manifestsOf = (text: string): Manifest[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest)
    .filter((manifest) => manifest !== null);

const texts = new Map<string, string>();
/** What is rendered with one of the values files; once in each suite. */
export const textOf = (values: string): string => {
  if (!texts.has(values)) texts.set(values, render([valuesFile(values)]));
  return texts.get(values)!;
};

export const find = (values: string, kind: string, name: string): Manifest =>
  manifestsOf(textOf(values)).find((object) => object.kind === kind && object.metadata.name === name)!;

interface Schemas {
  kinds: Record<string, object>;
  definitions: object;
}

/** Schemas in files as kubeconform looks for them: one for each kind, beside what they all refer to. */
export class Kubeconform {
  private readonly folder = mkdtempSync(join(tmpdir(), "dqueue-schemas-"));

  constructor() {
    const { kinds, definitions } = JSON.parse(
      readFileSync(join(__dirname, "schemas/kubernetes.json"), "utf8"),
    ) as Schemas;
    const inFolder = (value: object): string =>
      JSON.stringify(value).replaceAll('"#/definitions/', '"definitions.json#/definitions/');
    writeFileSync(join(this.folder, "definitions.json"), JSON.stringify({ definitions }));
    for (const [id, schema] of Object.entries(kinds)) {
      // kubeconform takes the version for the group where there is none.
      const [kind, version, group = version!] = id.split("/").reverse();
      mkdirSync(join(this.folder, group), { recursive: true });
      const text = inFolder(schema).replaceAll('"definitions.json#', '"../definitions.json#');
      writeFileSync(join(this.folder, group, `${kind!.toLowerCase()}-${version}.json`), text);
    }
  }

  /** What it has against the objects, a line each; a kind without a schema counts. */
  flawsOf(text: string): string[] {
    const location = `${this.folder}/{{.Group}}/{{.ResourceKind}}-{{.ResourceAPIVersion}}.json`;
    const { stdout, stderr } = spawnSync(
      "kubeconform",
      ["-strict", "-output", "json", "-summary", "-schema-location", location, "-"],
      { input: text, encoding: "utf8" },
    );
    if (stderr !== "") return [stderr];
    const { resources, summary } = JSON.parse(stdout);
    if (summary.valid === 0) return ["Nothing was found to be valid."];
    return resources.map(({ kind, name, msg }: Record<string, string>) => `${kind} ${name}: ${msg}`);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
