import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Cluster, distributed } from "../support/cluster";
import { describeOnPostgres } from "../support/postgres";
import { describeRabbit } from "../support/rabbitmq";
import { type Running } from "./command";
import { inTerminal, inTerminalOf, pressCtrlC } from "./terminal";

const JOBS = `
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { job, op, z } from "dqueue";

const wait = op({
  name: "wait",
  config: z.object({ gate: z.string() }),
  async run({ config, log, signal }) {
    log.info("waiting for " + config.gate);
    while (!existsSync(process.env.MARKS + "/" + config.gate)) await sleep(50, undefined, { signal });
  },
});
export const waits = job("waits", (g) => void g.call(wait));
const boom = op({ name: "boom", run: async () => { throw new Error("it broke"); } });
export const booms = job("booms", (g) => void g.call(boom));
const nowhere = op({ name: "nowhere", queue: "gpu", run: async () => {} });
export const strands = job("strands", (g) => void g.call(nowhere));
`;

/** Without colours and the cursor's moves. */
const plain = (text: string): string => text.replace(/\u001b\[[\d;]*[A-Za-z]/g, "").replaceAll("\r", "");

/** Which only Linux has in this form. */
const onLinux = process.platform === "linux" ? describeRabbit : describe.skip;

describeOnPostgres("dqueue repl, on PostgreSQL", () => {
  onLinux("and RabbitMQ", () => {
    let cluster: Cluster;
    let prompt: Running;
    beforeAll(async () => {
      cluster = await distributed({ jobs: JOBS });
      prompt = inTerminal(cluster.place, "repl");
      await prompt.printed(/You are a node among the others[^]*dqueue \$/);
    });
    afterAll(() => cluster?.stop());

    /** Types a line; resolves with what of the answer to it matches. */
    const type = (line: string, answer: RegExp): Promise<RegExpMatchArray> => typeAt(prompt, line, answer);
    const typeAt = (prompt: Running, line: string, answer: RegExp): Promise<RegExpMatchArray> => {
      const before = prompt.text().length;
      const answered = new Promise<RegExpMatchArray>((resolve) => {
        prompt.child.stdout!.on("data", function look() {
          const found = answer.exec(plain(prompt.text().slice(before)));
          if (!found) return;
          prompt.child.stdout!.off("data", look);
          resolve(found);
        });
      });
      prompt.child.stdin!.write(`${line}\r`);
      return answered;
    };
    const nodeOf = (role: "daemon" | "worker"): string =>
      /"node": "([^"]+)"/.exec(cluster.processes(role)[0]!.text())![1]!;

    test("it knows Moleculer's commands, of the whole cluster", async () => {
      await type("services", /coordinator [^]*executor [^]*upkeep /);
      await type("call process.describe", /Response:[^]*up_seconds/);
    });

    test.each([60, 80, 120])(
      "in %i columns its help breaks between words, also behind a mistyped command",
      async (columns) => {
        const narrow = inTerminalOf(columns, cluster.place, "repl");
        await narrow.printed(/dqueue \$/);
        for (const line of ["help", "hlep"]) {
          const [help] = await typeAt(narrow, line, /Usage:[^]*display help for command\n(?=[^]*dqueue \$)/);
          const lines = help.split("\n");
          expect(lines.filter(({ length }) => length > columns)).toEqual([]);
          expect(help.replace(/\s+/g, " ")).toContain(
            "actors <node> run actors, or steps and step processes, of a node; the first letters of its id do",
          );
          expect(lines).toContainEqual(
            expect.stringMatching(/^ {2}dcall <nodeID> <actionName> … {2,}Direct call an action$/),
          );
        }
        narrow.child.stdin!.write("\x04");
        expect((await narrow.ended()).code).toBe(0);
      },
    );

    test("it looks and changes nothing past the API: calls, events and services of Moleculer's own are refused", async () => {
      const id = await cluster.client.runs.launch({ job: "strands" }).then((run) => run.id);
      const INSTEAD = "is not done from this prompt\\. It goes past the API[^]*Use `launch`, `cancel`";
      await type(`call runs.cancel --id ${id}`, new RegExp(`Calling runs.cancel ${INSTEAD}`));
      await type(`dcall ${nodeOf("daemon")} coordinator.receive`, /Calling coordinator.receive is not done/);
      await type("emit runs.ended", /Emitting runs.ended is not done/);
      await type("broadcast runs.ended", /Broadcasting runs.ended is not done/);
      const service = join(cluster.place.folder, "own.service.js");
      writeFileSync(service, "module.exports = { name: 'runs', actions: { get: () => 'mine' } };");
      await type(`load ${service}`, /Offering a service is not done/);
      expect((await cluster.client.runs.get(id)).status).not.toMatch(/CANCEL/);
      await cluster.client.runs.cancel(id);
    });

    test("a run is launched, explained, followed and canceled, and its actors are shown", async () => {
      const [, id] = await type(`launch waits '{"gate":"never"}'`, /([0-9a-f-]{36}) QUEUED/);
      await type(`tail ${id}`, /waiting for never/);
      pressCtrlC(prompt);
      await type(`why ${id}`, new RegExp(`wait runs on ${nodeOf("worker")}`));
      await type(`actors ${nodeOf("worker")}`, /runs 1 steps on 1 slots\.[^]*begun[^]*STEP PROCESS/);
      await type(`actors ${nodeOf("daemon")}`, /owns 8 shards\.[^]*RUN ACTORS/);
      await type("runs started", new RegExp(`${id} +waits +STARTED`));
      await type(`cancel ${id}`, /cancel/i);
      expect((await cluster.client.runs.wait(id!)).status).toBe("CANCELED");
    });

    test("why tells what failed, and what waits for a worker that there is not", async () => {
      const [, failed] = await type("launch booms", /([0-9a-f-]{36}) QUEUED/);
      await cluster.client.runs.wait(failed!);
      await type(`why ${failed}`, /boom failed: it broke/);
      const [, stranded] = await type("launch strands", /([0-9a-f-]{36}) QUEUED/);
      for (let open = 0; open === 0;) {
        for await (const { status } of cluster.client.runs.allSteps(stranded!)) if (status === "QUEUED") open++;
      }
      await type(`why ${stranded}`, /nowhere waits in queue gpu, from which no worker takes/);
    });

    test("workers, queues and shards are those of the other commands; a mistake is one line", async () => {
      await type("workers", /WORKER +QUEUES +BUSY/);
      await type("queues", /QUEUE +WAITING +RUNNING/);
      await type("shards", new RegExp(`7 +${nodeOf("daemon").slice(0, 12)}`));
      await type("launch nothing", /job "nothing"/i);
      await type("launch waits {", /The config is no JSON/);
      await type("actors nobody", /No node begins with "nobody"/);
    });

    test("it is no part of the deployment, and Ctrl-D leaves", async () => {
      const { nodes } = await cluster.client.deployment();
      expect(nodes).toHaveLength(3);
      prompt.child.stdin!.write("\x04");
      expect((await prompt.ended()).code).toBe(0);
    });

    test("without a terminal, or without a bus to join, it says what to do", async () => {
      const piped = await cluster.place.run("repl");
      expect([piped.code, piped.stderr]).toEqual([2, expect.stringContaining("is a prompt for a terminal")]);
      const { AMQP_URL } = cluster.place.env;
      delete cluster.place.env.AMQP_URL;
      const alone = await inTerminal(cluster.place, "repl").ended();
      cluster.place.env.AMQP_URL = AMQP_URL;
      expect(alone.stdout).toContain("needs AMQP_URL");
    });
  });
});
