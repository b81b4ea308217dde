import pc from "picocolors";
import { readConfig, readWholeNumber } from "../arguments";
import { EXIT, usageError } from "../exit";
import { followLogs, printLine } from "../follow-logs";
import { coloured, duration, printJson, printTable, say } from "../print";
import { type LogView, type RunView, type StepView, tookMs } from "../run-views";
import { type Page, Server } from "../server";
import { follow } from "./run";

interface ListOptions {
  status?: string;
  job?: string;
  tag?: string;
  limit: string;
  json?: true;
}

export const list = async ({ status, job, tag, limit, json }: ListOptions): Promise<number> => {
  const query = { status: status?.toUpperCase(), job, tag, limit: readWholeNumber("--limit", limit) };
  const page = await new Server().get<Page<RunView>>("/runs", query);
  if (json) {
    printJson(page);
    return EXIT.ok;
  }
  if (page.items.length === 0) say("There are no such runs.");
  else printTable(["RUN", "JOB", "STATUS", "STEPS", "CREATED", "TOOK"], page.items.map(rowOf));
  return EXIT.ok;
};

const took = (timed: Pick<RunView, "started_at" | "ended_at">): string => {
  const ms = tookMs(timed);
  return ms === null ? "" : duration(ms);
};

const rowOf = (run: RunView): string[] => [
  run.id,
  run.job,
  coloured(run.status),
  `${run.steps_succeeded}/${run.steps_total}`,
  run.created_at.slice(0, 19).replace("T", " "),
  took(run),
];

export const show = async (id: string, { json }: { json?: true }): Promise<number> => {
  const server = new Server();
  const run = await server.get<RunView>(`/runs/${encodeURIComponent(id)}`);
  const steps: StepView[] = [];
  for await (const step of server.all<StepView>(`/runs/${run.id}/steps`)) steps.push(step);
  if (json) {
    printJson({ ...run, steps });
    return EXIT.ok;
  }
  const error = run.error?.message ? ` · ${run.error.message}` : "";
  say(`${run.job} ${run.id} · ${coloured(run.status)}${run.failure_reason ? ` ${run.failure_reason}` : ""}${error}`);
  const tags = Object.entries(run.tags).map(([key, value]) => `${key}=${value}`);
  say(pc.dim([`created ${run.created_at}`, took(run), ...tags].filter(Boolean).join(" · ")));
  if (steps.length > 0) printTable(["STEP", "STATUS", "TRY", "TOOK", "WORKER", ""], steps.map(stepRow));
  return EXIT.ok;
};

const stepRow = (step: StepView): string[] => [
  step.key,
  coloured(step.status),
  String(step.attempt),
  took(step),
  step.worker ?? "",
  step.error?.message?.split("\n")[0] ?? step.skip_reason ?? "",
];

export const cancel = async (id: string, { json }: { json?: true }): Promise<number> => {
  const run = await new Server().post<RunView>(`/runs/${encodeURIComponent(id)}/cancel`);
  if (json) printJson(run);
  else say(`Run ${run.id} is being canceled.`);
  return EXIT.ok;
};

interface ReexecuteOptions {
  from: string;
  step: string[];
  config?: string;
  wait?: true;
  json?: true;
}

export const reexecute = async (id: string, options: ReexecuteOptions): Promise<number> => {
  const { from, step: steps } = options;
  if (from !== "failure" && from !== "start") throw usageError(`--from must be failure or start; got "${from}".`);
  const config = readConfig(options.config);
  const what = steps.length > 0 ? { from: "steps", steps } : { from };
  const server = new Server();
  const launched = await server.post<RunView>(`/runs/${encodeURIComponent(id)}/reexecute`, { ...what, config });
  return follow(server, launched, options);
};

export const logs = async (
  id: string,
  { step, follow: goOn, json }: { step?: string; follow?: true; json?: true },
): Promise<number> => {
  const server = new Server();
  const run = encodeURIComponent(id);
  const lines: LogView[] = [];
  // One document is printed at its end, so that what follows a run with --json waits for that.
  await followLogs(server, run, { step, goOn: goOn ?? false }, (line) => (json ? lines.push(line) : printLine(line)));
  if (json) printJson({ items: lines });
  return EXIT.ok;
};
