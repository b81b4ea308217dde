import { onBoth, outcome } from "./modes";

const JOBS = `
import { appendFileSync, existsSync } from "node:fs";
import { dynamic, job, op, z } from "dqueue";

const mark = (key: string) => appendFileSync(process.env.MARKS + "/marks", key + "\\n");

const gen = op({
  name: "gen",
  config: z.object({ keys: z.array(z.string()) }),
  out: dynamic(z.string()),
  async *run({ config }) { for (const key of config.keys) yield { key, value: key }; },
});
const a = op({ name: "a", in: z.string(), out: z.string(), run: ({ input, stepKey, runId }) => { mark(stepKey); return input + ":" + runId; } });
const b = op({ name: "b", in: z.string(), out: z.string(), run: ({ input, stepKey }) => { mark(stepKey); return input; } });
const total = op({ name: "total", in: z.array(z.string()), out: z.number(), run: ({ input }) => input.length });
const list = op({ name: "list", in: z.array(z.string()), out: z.array(z.string()), run: ({ input, stepKey }) => { mark(stepKey); return input; } });
const echo = op({ name: "echo", in: z.string(), out: z.string(), run: ({ input, log }) => { log(input); return input; } });

const half = op({
  name: "half",
  out: dynamic(z.string()),
  async *run() {
    const whole = existsSync(process.env.MARKS + "/go");
    for (let i = 0; i < (whole ? 6 : 3); i++) yield { key: "k" + i, value: "k" + i };
    if (!whole) throw new Error("the file go is missing");
  },
});

export const counted = job("counted", (g) => { g.call(total, g.collect(g.map(g.map(g.call(gen), a), b))); });
export const chained = job("chained", (g) => { g.call(list, g.collect(g.map(g.map(g.call(gen), a), b))); });
export const echoed = job("echoed", (g) => { g.call(list, g.collect(g.map(g.call(gen), echo))); });
export const halved = job("halved", (g) => { g.call(list, g.collect(g.map(g.call(half), echo))); });
`;

const ms = (at: string | null): number => Date.parse(at!);

onBoth("A fan-out", { jobs: JOBS }, (cluster) => {
  const launch = async (job: string, config = {}): Promise<string> =>
    (await cluster().client.runs.launch({ job, config })).id;

  test("FAN-1: of no items gives its collect an empty list, 20 times of 20", async () => {
    for (let i = 0; i < 20; i++) {
      const id = await launch("counted", { keys: [] });
      const { run, steps, count } = await outcome(cluster(), id);
      expect(run.status).toBe("SUCCESS");
      expect(steps.map(({ key, status }) => [key, status]).sort()).toEqual([
        ["gen", "SUCCESS"],
        ["total", "SUCCESS"],
      ]);
      expect(count("STEP_START", "total")).toBe(1);
      expect((await cluster().client.runs.step(id, "total")).outputs).toEqual({ result: 0 });
    }
    const one = await launch("counted", { keys: ["k"] });
    expect((await outcome(cluster(), one)).run.status).toBe("SUCCESS");
    expect((await cluster().client.runs.step(one, "total")).outputs).toEqual({ result: 1 });
  });

  test("of steps that run on a worker at once no two are told of one slot", async () => {
    const id = await launch("echoed", { keys: Array.from({ length: 40 }, (_, i) => `k${i}`) });
    const { steps } = await outcome(cluster(), id);
    const ended = new Map<string, number>();
    for (const { worker, slot, started_at, ended_at } of steps.toSorted(
      (a, b) => ms(a.started_at) - ms(b.started_at),
    )) {
      expect(slot).toMatch(/^\d+\.\d+$/);
      const place = `${worker} ${slot}`;
      expect(ms(started_at)).toBeGreaterThanOrEqual(ended.get(place) ?? 0);
      ended.set(place, ms(ended_at));
    }
  });

  test("FAN-2: whose generator broke off is made whole by a re-execution from failure", async () => {
    const id = await launch("halved");
    const first = await outcome(cluster(), id);
    expect(first.run.status).toBe("FAILURE");
    expect(first.count("STEP_START", "list")).toBe(0);
    const open = first.steps.filter(({ status }) => ["QUEUED", "STARTED", "UP_FOR_RETRY"].includes(status));
    expect(open).toEqual([]);
    cluster().place.write("go", "");
    const again = await cluster().client.runs.reexecute(id, { from: "failure" });
    const second = await outcome(cluster(), again.id);
    expect(second.run).toMatchObject({ status: "SUCCESS", parent_run_id: id, root_run_id: id });
    expect(second.count("STEP_START", "half")).toBe(1);
    const { outputs } = await cluster().client.runs.step(again.id, "list");
    expect(outputs).toEqual({ result: ["k0", "k1", "k2", "k3", "k4", "k5"] });
  });

  test.each(["ключ", "constructor", "__proto__"])("FAN-3: the key %s comes back unchanged", async (key) => {
    const id = await launch("echoed", { keys: [key] });
    const { run, steps } = await outcome(cluster(), id);
    expect(run.status).toBe("SUCCESS");
    expect(steps.map((step) => step.key)).toContain(`echo[${key}]`);
    expect((await cluster().client.runs.step(id, `echo[${key}]`)).outputs).toEqual({ result: key });
    const { items } = await cluster().client.runs.logs(id, { step: `echo[${key}]` });
    expect(items.map(({ step, text }) => [step, text])).toEqual([[`echo[${key}]`, key]]);
  });

  test.each(["a/b", "a b", "x[1]", "50%", "..", "😀", "", "k".repeat(600)])(
    "FAN-3: the key %j is refused, with the form that is allowed",
    async (key) => {
      const { run, steps, count } = await outcome(cluster(), await launch("echoed", { keys: [key] }));
      expect(run.status).toBe("FAILURE");
      expect(count("STEP_START", "list")).toBe(0);
      const { error } = steps.find((step) => step.key === "gen")!;
      expect(error).toMatchObject({ code: "INVALID_MAPPING_KEY" });
      expect(error!.message).toContain(JSON.stringify(key).slice(1, 50).replace(/"$/, ""));
      expect(error!.message).toMatch(/letters/);
    },
  );

  test("FAN-3: a key that comes twice fails its generator and starts no collect", async () => {
    const { run, steps, count } = await outcome(cluster(), await launch("echoed", { keys: ["dup", "dup"] }));
    expect(run.status).toBe("FAILURE");
    expect(steps.find((step) => step.key === "gen")!.error!.message).toContain("dup");
    expect(steps.filter((step) => step.key === "echo[dup]").length).toBeLessThanOrEqual(1);
    expect(count("STEP_START", "list")).toBe(0);
  });

  test("FAN-4: re-executes one mapped step, alone or with what follows, and no sibling", async () => {
    const keys = Array.from({ length: 8 }, (_, i) => `k${i}`);
    const id = await launch("chained", { keys });
    await outcome(cluster(), id);
    const rerun = async (entry: string) => {
      const before = cluster().lines("marks").length;
      const again = await cluster().client.runs.reexecute(id, { from: "steps", steps: [entry] });
      expect((await outcome(cluster(), again.id)).run.status).toBe("SUCCESS");
      return { id: again.id, executed: cluster().lines("marks").slice(before).sort() };
    };
    const behind = await rerun("a[k3]+");
    expect(behind.executed).toEqual(["a[k3]", "b[k3]", "list"]);
    expect((await cluster().client.runs.step(behind.id, "list")).outputs).toEqual({
      result: keys.map((key) => `${key}:${key === "k3" ? behind.id : id}`),
    });
    expect((await rerun("a[k3]")).executed).toEqual(["a[k3]"]);
    const runs = async () => (await cluster().client.runs.list({ job: "chained" })).items.length;
    const before = await runs();
    const steps = ["a[k3]", "a[zz]"];
    await expect(cluster().client.runs.reexecute(id, { from: "steps", steps })).rejects.toMatchObject({
      status: 422,
      problem: { errors: [{ pointer: "/steps/1", message: expect.stringContaining('"a[zz]"') }] },
    });
    expect(await runs()).toBe(before);
  });
});
