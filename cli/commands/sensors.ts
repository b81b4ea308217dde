import { EXIT } from "../exit";
import { coloured, printJson, printTable, say } from "../print";
import { Server } from "../server";

interface SensorView {
  name: string;
  kind: string;
  status: string;
  next_tick_at: string;
  last_tick: { status: string; started_at: string; skip_reason: string | null } | null;
}

interface TrialView {
  status: "SUCCESS" | "SKIPPED" | "FAILURE";
  skip_reason: string | null;
  error: { name?: string; message?: string } | null;
  cursor: string | null;
  run_requests: { job: string; run_key: string | null; would_launch: boolean }[];
}

interface Flags {
  json?: true;
}

export const list = async ({ json }: Flags): Promise<number> => {
  const items: SensorView[] = [];
  for await (const sensor of new Server().all<SensorView>("/sensors")) items.push(sensor);
  if (json) printJson({ items });
  else if (items.length === 0) say("There are no sensors.");
  else printTable(["SENSOR", "STATUS", "LAST TICK", "", "NEXT TICK"], items.map(rowOf));
  return EXIT.ok;
};

const rowOf = ({ name, status, last_tick, next_tick_at }: SensorView): string[] => [
  name,
  coloured(status),
  last_tick ? `${clock(last_tick.started_at)} ${coloured(last_tick.status)}` : "never",
  last_tick?.skip_reason?.split("\n")[0]?.slice(0, 60) ?? "",
  status === "RUNNING" ? clock(next_tick_at) : "",
];

const clock = (time: string): string => time.slice(11, 19);

const change =
  (what: "start" | "stop") =>
  async (name: string, { json }: Flags): Promise<number> => {
    const sensor = await new Server().post<SensorView>(`/sensors/${encodeURIComponent(name)}/${what}`);
    if (json) printJson(sensor);
    else say(`Sensor ${sensor.name} is ${coloured(sensor.status)}.`);
    return EXIT.ok;
  };

export const start = change("start");
export const stop = change("stop");

/** The exit code says whether the evaluation failed. */
export const test = async (name: string, { json }: Flags): Promise<number> => {
  const trial = await new Server().post<TrialView>(`/sensors/${encodeURIComponent(name)}/test`);
  if (json) printJson(trial);
  else sayTrial(name, trial);
  return trial.status === "FAILURE" ? EXIT.failure : EXIT.ok;
};

const sayTrial = (name: string, { status, skip_reason, error, cursor, run_requests }: TrialView): void => {
  say(`A tick of ${name} would be ${coloured(status)}; nothing was launched.`);
  if (skip_reason) say(`  skipped: ${skip_reason}`);
  if (error) say(`  ${error.name ?? "Error"}: ${error.message ?? ""}`);
  for (const { job, run_key, would_launch } of run_requests) {
    say(`  ${job}${run_key ? ` with run key ${run_key}` : ""}${would_launch ? "" : ": launched before, passed over"}`);
  }
  if (cursor !== null) say(`  cursor: ${cursor}`);
};
