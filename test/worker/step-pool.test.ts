import { type Worker, jobOf, startWorker } from "./workbench";

let worker: Worker;
afterEach(() => worker?.stop());

const start = async (
  ops: string[],
  ...more: [Parameters<typeof startWorker>[1]?, Parameters<typeof startWorker>[2]?]
) => {
  worker = await startWorker({ "index.ts": jobOf(...ops) }, ...more);
  worker.pool.start();
  return worker;
};

test("a step gets its config and input and gives its output", async () => {
  await start([
    `op({ name: "add", config: z.object({ by: z.number() }), in: z.object({ n: z.number() }), out: z.number(),
          run: async ({ config, input }) => input.n + config.by })`,
  ]);
  const end = await worker.perform("add", { config: { by: 2 }, inputs: { "": { value: { n: 40 } } } });
  expect(end).toMatchObject({ type: "succeeded", outputs: { result: { value: 42 } }, worker: "worker-1" });
});

test("a step that ignores its signal is killed after the grace when its time is up", async () => {
  await start([`op({ name: "deaf", run: () => new Promise(() => setInterval(() => {}, 1000)) })`]);
  const end = await worker.perform("deaf", { timeoutMs: 200 });
  expect(end).toMatchObject({ type: "failed", retryable: true, error: { code: "TIMEOUT" } });
  expect(end.type === "failed" && end.error.message).toContain("200 ms");
});
