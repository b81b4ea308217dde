import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Run } from "../../client";
import { onBoth } from "./modes";

const JOBS = readFileSync(join(__dirname, "code/values.ts"), "utf8");
const KIB = 1024;
const INLINE = 256 * KIB;
const LIMIT = 4 * KIB * KIB;
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

onBoth("PAY-1", { jobs: JOBS }, (cluster) => {
  const ended = async (job: string, config: Record<string, string | number> = {}): Promise<Run> => {
    const { runs } = cluster().client;
    return runs.wait((await runs.launch({ job, config })).id);
  };
  const output = async (run: Run, step: string): Promise<unknown> =>
    (await cluster().client.runs.step(run.id, step)).outputs!.result;

  const sizes = [INLINE - 1, INLINE, INLINE + 1, LIMIT - 1, LIMIT];
  const alphabets = [
    ["ascii", "a"],
    ["accents", "é"],
    ["emoji", "😀"],
  ] as const;

  test.each(alphabets)(
    "values of every size up to the limit arrive unaltered, in bytes of %s",
    async (alphabet, letter) => {
      for (const bytes of sizes) {
        const run = await ended("sized", { bytes, alphabet });
        expect(run).toMatchObject({ status: "SUCCESS" });
        const size = Buffer.byteLength(letter);
        const text = JSON.stringify(letter.repeat(Math.floor((bytes - 2) / size)) + "x".repeat((bytes - 2) % size));
        expect(await output(run, "measure")).toEqual({ bytes, sha256: sha256(text) });
      }
    },
  );

  test.each(alphabets)("one byte more fails the producer, with size, limit and way out: %s", async (alphabet) => {
    const run = await ended("sized", { bytes: LIMIT + 1, alphabet });
    expect(run).toMatchObject({ status: "FAILURE" });
    const { items } = await cluster().client.runs.steps(run.id);
    const message = expect.stringMatching(new RegExp(`${LIMIT + 1} bytes.*limit is ${LIMIT} bytes.*ioManager`));
    expect(items).toMatchObject([
      { key: "measure", status: "SKIPPED", started_at: null },
      { key: "produce", status: "FAILURE", attempt: 1, error: { code: "VALUE_TOO_LARGE", message } },
    ]);
  });

  test("a list of 1,000 lists of 100 numbers arrives unaltered", async () => {
    const run = await ended("listed");
    const text = JSON.stringify(
      Array.from({ length: 1_000 }, (_, row) => Array.from({ length: 100 }, (_, column) => row * 100 + column)),
    );
    expect(await output(run, "measure")).toEqual({ bytes: Buffer.byteLength(text), sha256: sha256(text) });
  });

  test("50 mapped outputs of 390 KB are collected in order", async () => {
    const run = await ended("collected", { n: 50 });
    expect(run).toMatchObject({ status: "SUCCESS" });
    expect(await output(run, "heads")).toEqual(Array.from({ length: 50 }, (_, i) => [String(i), 200_000]));
  });
});
