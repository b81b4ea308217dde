import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LogLine, Run } from "../../client";
import { onBoth } from "./modes";

const JOBS = readFileSync(join(__dirname, "code/logs.ts"), "utf8");
const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `line ${i}`);

onBoth("LOG-1", { jobs: JOBS }, (cluster) => {
  /** The lines of a run's only step, asked for at once when its end is known. */
  const linesOf = async (run: Run): Promise<LogLine[]> =>
    (await cluster().client.runs.logs(run.id, { step: run.job, limit: 1_000 })).items;
  const ended = async (job: string, status: string): Promise<LogLine[]> => {
    const { runs } = cluster().client;
    const run = await runs.wait((await runs.launch({ job })).id);
    expect(run).toMatchObject({ status });
    const lines = await linesOf(run);
    expect(new Set(lines.map(({ step, attempt }) => `${step} ${attempt}`))).toEqual(new Set([`${job} 1`]));
    return lines;
  };
  const texts = (lines: LogLine[]): string[] => lines.map(({ text }) => text);

  test("300 lines of console.log", async () => {
    expect(texts(await ended("many", "SUCCESS"))).toEqual(numbered(300));
  });

  test("3 lines and a throw", async () => {
    expect(texts(await ended("thrown", "FAILURE"))).toEqual(numbered(3));
  });

  test("3 lines and an endless loop that ends at its timeout", async () => {
    expect(texts(await ended("timed_out", "FAILURE"))).toEqual(numbered(3));
  });

  test("3 lines and an endless loop that is canceled after two seconds", async () => {
    const { runs } = cluster().client;
    const { id } = await runs.launch({ job: "canceled" });
    const run = await runs.wait(id, ({ type }) => {
      if (type === "STEP_START") setTimeout(() => void runs.cancel(id), 2_000);
    });
    expect(run).toMatchObject({ status: "CANCELED" });
    const lines = await linesOf(run);
    expect(texts(lines)).toEqual(numbered(3));
    expect(lines).toMatchObject(numbered(3).map(() => ({ step: "canceled", attempt: 1 })));
  });

  test("a line without its newline", async () => {
    expect(texts(await ended("bare", "SUCCESS"))).toEqual(["no newline"]);
  });

  test("console.error and ctx.log mixed, 100 each", async () => {
    const lines = await ended("mixed", "SUCCESS");
    expect(texts(lines)).toEqual(Array.from({ length: 100 }, (_, i) => [`err ${i}`, `log ${i}`]).flat());
    expect(new Set(lines.map(({ stream }) => stream))).toEqual(new Set(["stderr", "log"]));
  });
});
