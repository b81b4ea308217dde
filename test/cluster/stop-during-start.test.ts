import { spawn } from "node:child_process";
import { builtFile } from "../../runtime/built";
import { follow } from "../cli/command";
import { type Cluster, embedded } from "../support/cluster";

const JOBS = `
import { dynamic, job, op, z } from "dqueue";

const numbers = op({
  name: "numbers",
  out: dynamic(z.number()),
  async *run() {
    for (let i = 0; i < 60; i++) yield { key: String(i), value: i };
  },
});
const slow = op({ name: "slow", in: z.number(), run: () => new Promise<void>((resolve) => setTimeout(resolve, 200)) });
export const slowly = job("slowly", (g) => void g.map(g.call(numbers), slow));
`;

/** A node of all roles that is stopped at the event, and says only how long that took. */
const SCRIPT = `
const { compose } = require(${JSON.stringify(builtFile("services/compose.js"))});
const { readSettings, ROLES } = require(${JSON.stringify(builtFile("services/settings.js"))});
const main = async () => {
  const node = await compose(readSettings(), ROLES, { dev: true, logTo: "stderr" });
  node.broker.localBus.once(process.argv[1], () => {
    const at = performance.now();
    node.stop().then(() => console.log("stopped " + Math.round(performance.now() - at)));
  });
  await node.start();
};
main();
`;

let cluster: Cluster;
beforeAll(async () => void (cluster = await embedded({ jobs: JOBS })));
afterAll(() => cluster?.stop());

test("a stop in the midst of a start, with steps waiting, is quick and says nothing; the run goes on afterwards", async () => {
  const { client, place } = cluster;
  const { id } = await client.runs.launch({ job: "slowly" });
  const begun = new AbortController();
  await client.runs
    .wait(id, ({ type }) => void (type === "STEP_SUCCESS" && begun.abort()), { signal: begun.signal })
    .catch(() => expect(begun.signal.aborted).toBe(true));
  const [dev] = cluster.processes("dev");
  dev!.child.kill("SIGKILL");
  await dev!.ended();

  for (const event of ["$services.changed", "$broker.started"]) {
    const child = spawn(process.execPath, ["-e", SCRIPT, event], { cwd: place.folder, env: place.env });
    const { code, stdout, stderr } = await follow(child).ended();
    expect([code, stderr]).toEqual([0, ""]);
    const [, ms] = /^stopped (\d+)\n$/.exec(stdout)!;
    // What a stop in order waits for in vain is 10 s.
    expect(Number(ms)).toBeLessThan(8_000);
  }
  await cluster.start("dev");
  expect((await client.runs.wait(id)).status).toBe("SUCCESS");
});
