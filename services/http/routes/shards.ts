import type { ServiceBroker } from "moleculer";
import { notHeld } from "../../../coordinator/ownership";
import { DqueueError } from "../../../core/errors";
import type { Database } from "../../../store/database";
import { liveCoordinators, readShards } from "../../../store/shards";
import { integer, object, text } from "../schemas/common";
import { ok, type Route } from "../route";

/** What people do to shards. */
export const shardRoutes = ({ db, broker }: { db: Database; broker: ServiceBroker }): Route[] => [
  {
    method: "POST",
    path: "/api/shards/:id/hand-over",
    operation: "handOverShard",
    tag: "cluster",
    role: "operator",
    summary: "Makes the owner of a shard give it to another coordinator.",
    description:
      "Its runs go on there within about a second, from where they are: what workers run goes on meanwhile, nothing is " +
      "lost and nothing is done twice. Where the other has more than its share then, it gives another shard in return.",
    params: { id: "The shard's number." },
    body: {
      required: false,
      schema: object(
        {
          to: {
            ...text("To whom, by the id of its process; without it, to the coordinator that holds the fewest."),
            ...{ minLength: 1, maxLength: 500 },
          },
        },
        ["to"],
      ),
    },
    facts: (asked) => asked,
    replies: {
      200: {
        description: "It has been given away.",
        schema: object({ shard: integer(), from: text(), to: text() }),
      },
    },
    problems: ["SHARD_NOT_FOUND", "SHARD_NOT_HELD", "NO_OTHER_COORDINATOR", "COORDINATOR_NOT_FOUND"],
    handle: async ({ params, body }) => ok(await handOver(db, broker, params.id!, body as { to?: string })),
  },
];

const handOver = async (db: Database, broker: ServiceBroker, id: string, { to }: { to?: string }) => {
  const shards = await readShards(db);
  const shard = shards.find((one) => String(one.id) === id);
  if (!shard)
    throw new DqueueError("SHARD_NOT_FOUND", `There is no shard "${id}": they are 0 to ${shards.length - 1}.`);
  const { owner } = shard;
  if (owner === null || !(await liveCoordinators(db)).includes(owner)) throw notHeld(shard.id);
  const given = await broker.call<{ to: string }, object>(
    "coordinator.handOver",
    { shard: shard.id, ...(to !== undefined && { to }) },
    { nodeID: owner },
  );
  return { shard: shard.id, from: owner, to: given.to };
};
