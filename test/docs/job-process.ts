import { createRequire } from "node:module";
import { join } from "node:path";
import type { executeInProcess, InProcessResult, InProcessStep } from "../../testing";

/** What the jobs of a file did: each one's status, and a line for each of its steps as they started. */
export interface Performed {
  readonly status: InProcessResult["status"];
  readonly lines: readonly string[];
}

interface Testing {
  executeInProcess: typeof executeInProcess;
}

// In the author's project: its own dqueue, loaded as its own code loads it.
const project = createRequire(join(process.cwd(), "package.json"));

const perform = async (file: string): Promise<Performed[]> => {
  const testing = project("dqueue/testing") as Testing;
  const exported = Object.values(project(file) as Record<string, unknown>);
  const performed: Performed[] = [];
  for (const one of exported.filter(isJob)) {
    const { status, steps, outputs, events } = await testing.executeInProcess(one);
    const started = events.filter(({ type }) => type === "STEP_START").map(({ step }) => step!);
    const keys = new Set([...started, ...Object.keys(steps)]);
    const known = [...keys].filter((key) => key in steps);
    performed.push({ status, lines: known.map((key) => lineOf(key, steps[key]!, outputs[key])) });
  }
  return performed;
};

const isJob = (value: unknown): value is Parameters<typeof executeInProcess>[0] =>
  (value as { kind?: unknown } | null)?.kind === "job";

const lineOf = (key: string, { status, attempts, error, skipReason }: InProcessStep, output: unknown): string => {
  const told = error?.message ?? skipReason ?? (output === undefined ? "" : JSON.stringify(output));
  return [key, status, told, ...(attempts > 1 ? [`(attempt ${attempts})`] : [])].join("  ");
};

process.on("message", (file: string) => {
  perform(file).then(
    (performed) => process.send!({ performed }),
    (error: unknown) => process.send!({ error: error instanceof Error ? error.stack : String(error) }),
  );
});
