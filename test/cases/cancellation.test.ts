import { setTimeout as sleep } from "node:timers/promises";
import type { ApiError } from "../../client";
import type { Running } from "../cli/command";
import { eventually } from "../support/eventually";
import { happened, onBoth, outcome } from "./modes";

const RUNS = 300;
/** So many go on side by side that some runs wait, some run and some have ended when their cancel comes. */
const LANES = 20;

/** Does it `count` times, LANES of them side by side. @returns what each came to, in their order. */
const inLanes = async <T>(count: number, act: (index: number) => Promise<T>): Promise<T[]> => {
  const results: T[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) results[index] = await act(index);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
};

const JOBS = `
import { appendFileSync, existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { dynamic, job, op, z } from "dqueue";

const note = (file: string, text: string) => appendFileSync(process.env.MARKS + "/" + file, text + "\\n");

const brief = op({
  name: "brief",
  async run({ runId, signal }) {
    note("ran", runId);
    await sleep(100, undefined, { signal });
  },
});
export const short = job("short", (g) => void g.call(brief));

const deaf = op({
  name: "deaf",
  async run({ runId }) {
    setInterval(() => {}, 1_000);
    note("deaf", process.pid + " " + runId);
    await new Promise(() => {});
  },
});
export const endless = job("endless", (g) => void g.call(deaf));

const held = op({
  name: "held",
  async run({ runId }) {
    while (!existsSync(process.env.MARKS + "/go")) await sleep(20);
    note("let_go", runId);
  },
});
export const holding = job("holding", (g) => void g.call(held));

const three = op({
  name: "three",
  out: dynamic(z.number()),
  async *run() { for (let i = 0; i < 3; i++) yield { key: String(i), value: i }; },
});
const patient = op({
  name: "patient",
  in: z.number(),
  async run({ stepKey }) {
    const again = existsSync(process.env.MARKS + "/" + stepKey);
    note(stepKey, "");
    note("patient", process.pid + " " + stepKey);
    if (!again) await sleep(7_000);
  },
});
export const neighbours = job("neighbours", (g) => void g.map(g.call(three), patient));
`;

const settings = { MAX_CONCURRENT_RUNS: "5", DQUEUE_PROCESSES: "1", DQUEUE_CONCURRENCY: "8" };

onBoth("A cancel", { jobs: JOBS, settings }, (cluster) => {
  test("CAN-1: holds against admission, whenever it comes", async () => {
    const { client, lines } = cluster();
    const cancelLater = async (index: number) => {
      const { id } = await client.runs.launch({ job: "short" });
      // Not waiting for something: when a cancel comes is what the case varies, here from 0 to 299 ms. A few are waited
      // for, since on a busy machine none might have ended by then.
      if (index % 60 === 59) await client.runs.wait(id);
      else await sleep((index * 37) % 300);
      return client.runs.cancel(id).then(
        ({ status }) => ({ id, status, code: null }),
        ({ status, code }: ApiError) => ({ id, status: null, code: `${status} ${code}` }),
      );
    };
    const canceled = await inLanes(RUNS, cancelLater);
    const ends = await inLanes(RUNS, async (index) => {
      const answer = canceled[index]!;
      return { ...answer, ...(await outcome(cluster(), answer.id)) };
    });
    const wrong = ends.filter(({ code, run }) =>
      code === null ? run.status !== "CANCELED" : code !== "409 RUN_ENDED" || run.status !== "SUCCESS",
    );
    expect(wrong.map(({ id, code, run }) => ({ id, code, status: run.status }))).toEqual([]);

    const ran = new Set(lines("ran"));
    const queued = ends.filter(({ status, count }) => status === "QUEUED" || count("RUN_DEQUEUED") === 0);
    expect(queued.filter(({ id }) => ran.has(id)).map(({ id, events }) => ({ id, events }))).toEqual([]);
    for (const { events } of ends) {
      const types = events.map(({ type }) => type);
      expect(types.at(-1)).toMatch(/^RUN_(CANCELED|SUCCESS)$/);
      expect(types.filter((type) => /^RUN_(CANCELED|SUCCESS|FAILURE)$/.test(type))).toHaveLength(1);
    }
    // All of it happens, or the case has shown nothing.
    const kinds = { queued: queued.length, begun: 0, ended: 0 };
    for (const { code, id } of ends) if (ran.has(id)) kinds[code === null ? "begun" : "ended"]++;
    expect(Object.entries(kinds).filter(([, count]) => count === 0)).toEqual([]);
  });

  test("CAN-1: holds against an end that its owner, paused meanwhile, hears of first", async () => {
    const { client, lines, place, processes, rabbit } = cluster();
    // Embedded, who accepts the cancel is the owner's own process.
    if (!rabbit) return;
    const { id } = await client.runs.launch({ job: "holding" });
    await happened(cluster(), id, "STEP_START");
    const [{ child }] = processes("daemon") as [Running];
    child.kill("SIGSTOP");
    try {
      expect((await client.runs.cancel(id)).status).toBe("STARTED");
      place.write("go", "");
      await eventually(() => lines("let_go").length === 1);
    } finally {
      child.kill("SIGCONT");
    }
    const { run, events, steps } = await outcome(cluster(), id);
    expect(run.status).toBe("CANCELED");
    expect(events.map(({ type }) => type).filter((type) => /^RUN_(CANCEL|SUCC|FAIL)/.test(type))).toEqual([
      "RUN_CANCELING",
      "RUN_CANCELED",
    ]);
    // Its worker had done all of it, and said so.
    expect(steps).toMatchObject([{ key: "held", status: "SUCCESS" }]);
  });

  test("CAN-2: ends a step that ignores its signal, and its process, and costs its neighbours nothing", async () => {
    const { client, lines } = cluster();
    const { items: before } = await client.workers.list();
    const { id } = await client.runs.launch({ job: "endless" });
    await eventually(() => lines("deaf").length === 1);
    const other = await client.runs.launch({ job: "neighbours" });
    await eventually(() => lines("patient").length === 3);
    const [pid] = lines("deaf")[0]!.split(" ");
    const beside = lines("patient").filter((line) => line.startsWith(`${pid} `));
    expect(beside.length).toBeGreaterThan(0);

    await client.runs.cancel(id);
    const { run, steps, events, count } = await outcome(cluster(), id);
    expect(run.status).toBe("CANCELED");
    expect(steps).toMatchObject([{ key: "deaf", status: "CANCELED" }]);
    expect(events.map(({ type }) => type).slice(-3)).toEqual(["RUN_CANCELING", "STEP_CANCELED", "RUN_CANCELED"]);
    expect(count("STEP_START")).toBe(1);

    const neighbours = await outcome(cluster(), other.id);
    expect(neighbours.run.status).toBe("SUCCESS");
    for (const step of neighbours.steps) expect(step).toMatchObject({ status: "SUCCESS", attempt: 1, lost: 0 });
    expect(neighbours.count("STEP_LOST")).toBe(0);
    // Those in the process that had to go ran again, the others once.
    expect(lines("patient")).toHaveLength(3 + beside.length);
    const { items: after } = await client.workers.list();
    expect(after.map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid));
  });
});
