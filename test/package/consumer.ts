import { job, op, z } from "dqueue";
import { DqueueClient } from "dqueue/client";
import { executeInProcess, startServer } from "dqueue/testing";

/** What a user of the package writes: compiled and run as a module of either kind, in a folder that has installed it. */
const double = op({
  name: "double",
  config: z.object({ n: z.number() }),
  out: z.number(),
  run: ({ config }) => config.n * 2,
});
const text = op({ name: "text", in: z.string(), run: ({ input }) => input.trim() });
const doubling = job("doubling", (g) => {
  const doubled = g.call(double);
  // @ts-expect-error: a number is no text. It compiles where types are lost, and this line does not then.
  if (Number.isNaN(doubled)) g.call(text, doubled);
});

const main = async (): Promise<void> => {
  const alone = await executeInProcess(doubling, { config: { n: 21 } });
  console.log(`in process: ${alone.status} ${String(alone.output("double"))}`);

  const server = await startServer();
  const client = new DqueueClient(server.url);
  // @ts-expect-error: a run has a status, and no state.
  const stateOf = (run: Awaited<ReturnType<typeof client.runs.get>>): string => run.state;
  const { id } = await client.runs.launch({ job: "price_orders", config: { file: "inbox/monday.csv" } });
  const run = await client.runs.wait(id);
  console.log(`on a server: ${run.status} ${stateOf(run) ?? JSON.stringify(await client.runs.output(id))}`);
  await server.stop();
};

void main();
