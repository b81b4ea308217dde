import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compilePlan } from "../../core/plan";
import { executeInProcess, job, op, z } from "../../sdk";

interface Workflow {
  tasks: { id: string; name: string; parents: number[]; seconds: number }[];
}
const task = op({
  name: "task",
  config: z.object({ seconds: z.number() }),
  in: z.array(z.number()),
  out: z.number(),
  run: ({ input }) => 1 + input.reduce((a, b) => a + b, 0),
});
/** Tasks may stand before their parents in the file. */
const workflowJob = (name: string, { tasks }: Workflow) =>
  job(name, (g) => {
    const calls: unknown[] = [];
    const call = (index: number): any =>
      (calls[index] ??= g.call(task, tasks[index]!.parents.map(call), {
        as: tasks[index]!.id.replace(/\W/g, "_"),
        config: { seconds: tasks[index]!.seconds / 1000 },
      }));
    tasks.forEach((_, index) => call(index));
  });

test.each(["montage-chameleon-2mass-005d-001", "blast-chameleon-medium-001"])(
  "the real workflow %s becomes a valid graph",
  async (name) => {
    const workflow = JSON.parse(readFileSync(join(__dirname, "../data", `${name}.json`), "utf8")) as Workflow;
    const built = workflowJob("workflow", workflow);
    const { nodes } = built.snapshot;
    expect(nodes).toHaveLength(workflow.tasks.length);
    expect(nodes.reduce((edges, node) => edges + node.inputs[0]!.sources.length, 0)).toBe(
      workflow.tasks.reduce((edges, { parents }) => edges + parents.length, 0),
    );
    expect(compilePlan(built.snapshot).nodes.size).toBe(workflow.tasks.length);
    expect(built.snapshot.configSchema.properties).toEqual({});
    expect((await executeInProcess(built)).status).toBe("SUCCESS");
  },
);

test("a graph of 2,122 nodes with joins of 1,100 is defined and compiled", () => {
  const tasks = [...Array(2_122).keys()].map((i) => ({
    id: `t${i}`,
    name: "t",
    seconds: 1,
    parents: i < 1_100 ? [] : i % 500 === 0 ? [...Array(1_100).keys()] : [i - 1_100],
  }));
  const { nodes } = workflowJob("wide", { tasks }).snapshot;
  expect(nodes).toHaveLength(2_122);
  expect(Math.max(...nodes.map((node) => node.inputs[0]!.sources.length))).toBe(1_100);
});
