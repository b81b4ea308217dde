import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { Json, Run, Tick } from "../../client";
import type { Cluster } from "../support/cluster";
import { nextTicks, onBoth } from "./modes";

const JOBS = readFileSync(join(__dirname, "code/values.ts"), "utf8");
const NUL = "\u0000";

/** A request as no client of ours would send it. */
const post = async (cluster: Cluster, path: string, body: object, headers: Record<string, string> = {}) => {
  const response = await fetch(`http://127.0.0.1:${cluster.place.env.PORT}/api${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as { id: string } & Record<string, Json> };
};

/** The status of the answer to bytes that fetch would not send. */
const rawStatus = (cluster: Cluster, bytes: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(cluster.place.env.PORT), "127.0.0.1", () => socket.write(bytes));
    socket.once("error", reject).once("data", (text) => {
      socket.destroy();
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(text.toString())?.[1]));
    });
  });

onBoth("Odd values", { jobs: JOBS }, (cluster) => {
  const ended = async (job: string, config: Record<string, string | number>): Promise<Run> => {
    const { runs } = cluster().client;
    return runs.wait((await runs.launch({ job, config })).id);
  };

  describe("VAL-1: NUL", () => {
    test("one step's NULs cost its 198 neighbours nothing, and stay visible", async () => {
      const { runs } = cluster().client;
      const run = await ended("tainted", { n: 200 });
      expect(run).toMatchObject({ status: "FAILURE", failure_reason: "STEP_FAILURE" });
      const statuses = new Map<string, string>();
      for await (const { key, status } of runs.allSteps(run.id)) statuses.set(key, status);
      const failed = [...statuses].filter(([, status]) => status !== "SUCCESS");
      expect(statuses.size).toBe(201);
      expect(failed.sort()).toEqual([
        ["tainted[n100]", "FAILURE"],
        ["tainted[n101]", "FAILURE"],
      ]);

      const error = async (key: string) => (await runs.step(run.id, key)).error;
      expect(await error("tainted[n100]")).toMatchObject({
        code: "UNSTORABLE_VALUE",
        message: expect.stringMatching(/\$\["k(␀|\\u0000)"\] is a string with a NUL/),
      });
      expect(await error("tainted[n101]")).toMatchObject({ name: "Error", message: "x␀y" });

      const lines = new Map<string, string[]>();
      for (let after: string | undefined; ;) {
        const { items } = await runs.logs(run.id, { limit: 1_000, ...(after !== undefined && { after }) });
        for (const { step, text } of items) lines.set(step, [...(lines.get(step) ?? []), text]);
        if (items.length === 0) break;
        after = items.at(-1)!.id;
      }
      for (let i = 0; i < 200; i++) {
        const last = i === 100 ? ["a␀b"] : i === 101 ? [] : [`second ${i}`];
        expect(lines.get(`tainted[n${i}]`)).toEqual([`first ${i}`, ...last]);
      }
    });

    test("over REST it is refused with a pointer, or taken and given back", async () => {
      const texts = { job: "texts", config: { text: "t" } };
      const refused: [object, string][] = [
        [{ job: "texts", config: { text: `a${NUL}b` } }, "/config/text"],
        [{ ...texts, tags: { [`k${NUL}`]: "v" } }, `/tags/k${NUL}`],
        [{ ...texts, tags: { k: `v${NUL}` } }, "/tags/k"],
        [{ ...texts, run_key: `r${NUL}` }, "/run_key"],
      ];
      for (const [body, pointer] of refused) {
        const answer = await post(cluster(), "/runs", body);
        expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
      }
      // A header cannot hold a NUL: Node's own parser says so.
      expect(
        await rawStatus(cluster(), `POST /api/runs HTTP/1.1\r\nHost: 127.0.0.1\r\nIdempotency-Key: a${NUL}b\r\n\r\n`),
      ).toBe(400);
      expect(
        await rawStatus(cluster(), "GET /api/runs?tag=a:%00 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"),
      ).toBe(400);
    });
  });

  describe("VAL-1: NUL in a sensor", () => {
    const tainted = async (name: string): Promise<Tick> => {
      const { sensors } = cluster().client;
      const ticks = nextTicks(cluster(), name, 1);
      await sensors.setCursor(name, "nul");
      await sensors.start(name);
      const [tick] = await ticks;
      return tick!;
    };
    const soundAgain = async (name: string): Promise<void> => {
      const { sensors } = cluster().client;
      await sensors.setCursor(name, null);
      for (let reason: string | null = null; reason !== "sound";)
        reason = (await nextTicks(cluster(), name, 1))[0]!.skip_reason;
      await sensors.stop(name);
    };

    test("its skip reason is shown with a substitute", async () => {
      expect(await tainted("nul_reason")).toMatchObject({ status: "SKIPPED", skip_reason: "a␀b", cursor: "nul" });
      await soundAgain("nul_reason");
    });

    test("its cursor fails the tick by name and stays as it was", async () => {
      const tick = await tainted("nul_cursor");
      expect(tick).toMatchObject({ status: "FAILURE", cursor: "nul", run_ids: [] });
      expect(tick.error!.message).toMatch(/cursor.*NUL/);
      expect((await cluster().client.sensors.get("nul_cursor")).cursor).toBe("nul");
      await soundAgain("nul_cursor");
    });
  });

  describe("VAL-2: what JSON cannot hold", () => {
    test.each([
      ["nan", "$.x", "NaN"],
      ["infinity", "$[1]", "-Infinity"],
      ["bigint", "$.x", "bigint"],
      ["symbol", "$.x", "symbol"],
      ["function", "$.x", "function"],
      ["map", "$.x", "Map"],
      ["buffer", "$.x", "Buffer"],
      ["circular", "$.inner.back", "circular"],
      ["throwing", "$.x", "not to be written"],
      ["instance", "$.x", "Point"],
    ])("%s fails its step once, with path and type", async (kind, path, type) => {
      const run = await ended("odd", { kind });
      expect(run).toMatchObject({ status: "FAILURE" });
      const step = await cluster().client.runs.step(run.id, "odd");
      expect(step).toMatchObject({ status: "FAILURE", attempt: 1, error: { code: "UNSTORABLE_VALUE" } });
      expect(step.error!.message).toContain(path);
      expect(step.error!.message).toContain(type);
      expect((await cluster().client.runs.steps(run.id)).items).toMatchObject([{ key: "echo", status: "SKIPPED" }, {}]);
    });

    test.each<[string, Json]>([
      ["undefined_property", { b: 1 }],
      ["date", { x: "2027-01-02T03:04:05.000Z" }],
      ["nothing", null],
    ])("%s is converted as documented", async (kind, value) => {
      const run = await ended("odd", { kind });
      expect(run).toMatchObject({ status: "SUCCESS" });
      expect((await cluster().client.runs.step(run.id, "echo")).outputs).toEqual({ result: value });
    });
  });

  describe("VAL-3: long tags and selections", () => {
    const letters = (length: number): string =>
      Array.from({ length }, () => String.fromCharCode(97 + Math.floor(Math.random() * 26))).join("");
    const launch = (tags: Record<string, string>) =>
      post(cluster(), "/runs", { job: "texts", config: { text: "t" }, tags });

    test("a tag within the limits is found again; a longer one is refused by name and limit, as OpenAPI says", async () => {
      const { runs } = cluster().client;
      for (const length of [256, 1_024]) {
        const value = letters(length);
        const answer = await launch({ long: value });
        expect(answer.status).toBe(201);
        const { items } = await runs.list({ tags: { long: value } });
        expect(items.map(({ id }) => id)).toEqual([answer.body.id]);
      }
      for (const length of [1_025, 2_600, 2_712, 8_191, 100_000]) {
        const answer = await launch({ long: letters(length) });
        expect(answer).toMatchObject({
          status: 422,
          body: { errors: [{ pointer: "/tags/long", message: expect.stringContaining("1024") }] },
        });
      }
      const key = letters(300);
      expect(await launch({ [key]: "v" })).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: `/tags/${key}`, message: expect.stringContaining("255") }] },
      });
      const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`tag${i}`, "v"]));
      expect(await launch(many)).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: "/tags", message: expect.stringContaining("100") }] },
      });

      const response = await fetch(`http://127.0.0.1:${cluster().place.env.PORT}/api/openapi.json`);
      const text = JSON.stringify(await response.json());
      expect(text).toContain('"maxLength":1024');
      expect(text).toContain('"maxProperties":100');
    });

    test("500 step keys are executed again, and no other", async () => {
      const { runs } = cluster().client;
      const first = await ended("wide", { n: 600 });
      expect(first).toMatchObject({ status: "SUCCESS" });
      const chosen = Array.from({ length: 500 }, (_, i) => `same[n${i + 50}]`);
      const { id } = await runs.reexecute(first.id, { from: "steps", steps: chosen });
      const started = new Set<string>();
      const again = await runs.wait(id, ({ type, step }) => void (type === "STEP_START" && started.add(step!)));
      expect(again).toMatchObject({ status: "SUCCESS" });
      expect([...started].sort()).toEqual([...chosen].sort());
    });
  });
});
