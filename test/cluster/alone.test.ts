import { type Cluster, embedded } from "../support/cluster";

jest.setTimeout(120_000);

const JOBS = `
import { job, op } from "dqueue";

const hello = op({ name: "hello", run: async () => "hello" });
export const greet = job("greet", (g) => void g.call(hello));
`;

let cluster: Cluster;
beforeAll(async () => void (cluster = await embedded({ jobs: JOBS })));
afterAll(() => cluster?.stop());

test("with Node alone, a job of one's own runs to its end", async () => {
  const { id } = await cluster.client.runs.launch({ job: "greet" });
  expect((await cluster.client.runs.wait(id)).status).toBe("SUCCESS");
  expect((await cluster.client.runs.step(id, "hello")).outputs).toEqual({ result: "hello" });
});
