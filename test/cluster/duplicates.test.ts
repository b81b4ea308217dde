import { type ChannelModel, type GetMessage, type Channel, connect } from "amqplib";
import { decodeMessage, encodeItems, encodeMessage } from "../../bus/message";
import type { Report } from "../../core/messages";
import { type Cluster, distributed } from "../support/cluster";
import { describeOnPostgres } from "../support/postgres";
import { describeRabbit } from "../support/rabbitmq";
import { COUNTED_JOBS } from "./jobs";
import { leftovers, query } from "./records";

describeOnPostgres("Copies and latecomers, on PostgreSQL", () => {
  describeRabbit(
    "and RabbitMQ",
    () => {
      let cluster: Cluster;
      let connection: ChannelModel;
      let channel: Channel;
      beforeAll(async () => {
        cluster = await distributed({ jobs: COUNTED_JOBS, workers: 0 });
        connection = await connect(cluster.rabbit!.url);
        channel = await connection.createChannel();
        // Nobody has needed it yet.
        await channel.assertQueue(nameOf("steps.default"), { durable: true, maxPriority: 10 });
      });
      afterAll(async () => {
        await connection?.close();
        await cluster?.stop();
      });

      const nameOf = (queue: string): string => `dqueue.${cluster.place.env.NAMESPACE}.${queue}`;

      /** Takes the next message out of a queue; waits for it. */
      const take = async (queue: string): Promise<GetMessage> => {
        for (;;) {
          const message = await channel.get(nameOf(queue), { noAck: true });
          if (message) return message;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      const put = (queue: string, { content, properties }: GetMessage): unknown =>
        channel.sendToQueue(nameOf(queue), content, properties);
      const reportsIn = ({ content }: GetMessage): Report[] => (decodeMessage(content) as { items: Report[] }).items;
      const say = (shard: number, report: Report): unknown =>
        channel.sendToQueue(
          nameOf(`shard.${shard}`),
          encodeMessage("coordinator.receive", encodeItems([report], {}, { bytes: Infinity, count: 1 })),
          {
            persistent: true,
          },
        );
      const executions = (run: string): string[] =>
        cluster
          .lines("executions")
          .filter((line) => line.startsWith(run))
          .map((line) => line.split(" ")[1]!);

      const history = (run: string): Promise<object[]> =>
        query(cluster, `select seq, type, step, data::text from events where run_id = '${run}' order by seq`);
      const rows = (run: string): Promise<object[]> =>
        query(cluster, `select s.*, s.outputs::text, s.error::text from steps s where run_id = '${run}' order by step`);

      test("B14: a step that is delivered three times runs once", async () => {
        const { id } = await cluster.client.runs.launch({ job: "fan", config: { n: 3 } });
        const generator = await take("steps.default");
        for (let copy = 0; copy < 3; copy++) put("steps.default", generator);
        await cluster.start("worker");
        expect((await cluster.client.runs.wait(id)).status).toBe("SUCCESS");
        expect(executions(id).sort()).toEqual(["keys", "total", "work[0]", "work[1]", "work[2]"]);
      });

      test("B14, B7: reports that come twice, late, or of another dispatch change nothing", async () => {
        const { id } = await cluster.client.runs.launch({ job: "fan", config: { n: 3, ms: 2_000 } });
        const begun = new AbortController();
        const seeBegun = ({ type, step }: { type: string; step: string | null }): void =>
          void (type === "STEP_START" && step?.startsWith("work") && begun.abort());
        await cluster.client.runs.wait(id, seeBegun, { signal: begun.signal }).catch(() => {});
        // Nobody consumes the mailboxes now: what the worker says of its step waits in one of them.
        const [daemon] = cluster.processes("daemon");
        daemon!.child.kill("SIGKILL");
        await daemon!.ended();
        const [{ shard }] = (await query<{ shard: number }>(cluster, `select shard from runs where id = '${id}'`)) as [
          { shard: number },
        ];
        let told: GetMessage;
        do {
          told = await take(`shard.${shard}`);
          put(`shard.${shard}`, told);
          put(`shard.${shard}`, told);
        } while (!reportsIn(told).some(({ type }) => type === "succeeded"));
        await cluster.start("daemon");
        expect((await cluster.client.runs.wait(id)).status).toBe("SUCCESS");
        expect(executions(id).sort()).toEqual(["keys", "total", "work[0]", "work[1]", "work[2]"]);

        const before = [await rows(id), await history(id)];
        const succeeded = reportsIn(told).find(({ type }) => type === "succeeded")!;
        put(`shard.${shard}`, told);
        for (const off of [-1, 1, -1e7])
          say(shard, { ...succeeded, fence: (succeeded as { fence: number }).fence + off } as Report);
        say(shard, { ...succeeded, step: "work[3]" } as Report);
        // Behind them in the same mailbox: once it has ended, all of them have been heard.
        await endsInShard(shard);
        expect([await rows(id), await history(id)]).toEqual(before);
      });

      /** Runs jobs until one of a shard has ended. */
      const endsInShard = async (shard: number): Promise<void> => {
        for (;;) {
          const { id } = await cluster.client.runs.launch({ job: "fan", config: { n: 1 } });
          expect((await cluster.client.runs.wait(id)).status).toBe("SUCCESS");
          const found = await query<{ shard: number }>(cluster, `select shard from runs where id = '${id}'`);
          if (found[0]!.shard === shard) return;
        }
      };

      test("B7: while a step runs, what others say of it under another fence, or of steps that are none, is nothing", async () => {
        const { id } = await cluster.client.runs.launch({ job: "fan", config: { n: 1, ms: 3_000 } });
        const begun = new AbortController();
        const seeBegun = ({ type, step }: { type: string; step: string | null }): void =>
          void (type === "STEP_START" && step?.startsWith("work") && begun.abort());
        await cluster.client.runs.wait(id, seeBegun, { signal: begun.signal }).catch(() => {});
        const [row] = await query<{ fence: string; shard: number }>(
          cluster,
          `select fence, shard from steps join runs on id = run_id where run_id = '${id}' and step = 'work[0]'`,
        );
        const of = { shard: row!.shard, run: id, at: Date.now(), startedAt: Date.now(), worker: "forger", pid: 1 };
        const fence = Number(row!.fence);
        const outputs = { result: { value: 666, size: 3 } } as never;
        const error = { name: "Error", message: "forged" };
        for (const other of [fence - 1, fence + 1, 0]) {
          say(row!.shard, { ...of, type: "succeeded", step: "work[0]", fence: other, outputs });
          say(row!.shard, { ...of, type: "failed", step: "work[0]", fence: other, error, retryable: false, random: 0 });
          say(row!.shard, { ...of, type: "lost", step: "work[0]", fence: other, error, random: 0 });
          say(row!.shard, { ...of, type: "canceled", step: "work[0]", fence: other });
        }
        say(row!.shard, { ...of, type: "succeeded", step: "work[1]", fence, outputs });
        say(row!.shard, { ...of, type: "succeeded", step: "total", fence, outputs });
        expect((await cluster.client.runs.wait(id)).status).toBe("SUCCESS");
        expect((await cluster.client.runs.step(id, "total")).outputs).toEqual({ result: [0] });
        expect(executions(id).sort()).toEqual(["keys", "total", "work[0]"]);
        const types = (await history(id)) as { type: string }[];
        expect(types.filter(({ type }) => /LOST|FAILURE|CANCEL|RELEASED/.test(type))).toEqual([]);
        const { items } = await cluster.client.runs.steps(id);
        expect(items.map(({ key, lost, worker }) => [key, lost, worker === "forger"])).toEqual(
          ["keys", "total", "work[0]"].map((key) => [key, 0, false]),
        );
      });

      test("afterwards nothing is left: no open step, no grant, no message", async () => {
        expect(Object.values(await leftovers(cluster)).every((count) => count === 0)).toBe(true);
      });
    },
    { ownBroker: false },
  );
});
