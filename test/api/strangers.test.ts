import { job, op } from "../core/graphs";
import { DATABASES } from "../support/databases";
import { startWorld } from "./world";

const BEAT = { worker: "w", seq: 1, slots: 1, queues: ["default"], holds: [], draining: false };

test("what is said on the bus and is no beat and no backlog changes nothing", async () => {
  const database = await DATABASES[0]![1]();
  const world = await startWorld(database);
  await world.publish(job(op("quick")));
  const said = {
    beats: [null, 7, {}, { ...BEAT, queues: undefined }, { ...BEAT, holds: [null] }, { ...BEAT, seq: "1" }],
    backlogs: [
      null,
      {},
      { owner: "o", takesShards: true, shards: [] },
      { owner: "o", takesShards: true, queues: {} },
      { owner: "o", takesShards: true, shards: [{ shard: 1 }], queues: {} },
      { owner: "o", takesShards: true, shards: [], queues: { default: "x" } },
    ],
  };
  for (const [name, bodies] of Object.entries(said))
    for (const body of bodies) await world.bus.fanout<unknown>(name as "beats").publish(body);
  expect((await world.ended(await world.launch({ job: "demo" }))).status).toBe("SUCCESS");
  const { body } = await world.call("GET", "/api/workers");
  expect(body.items.map(({ id }: { id: string }) => id)).not.toContain("w");
  await world.stop();
  await database.stop();
});
