import { connect } from "amqplib";
import { Client } from "pg";
import type { Cluster } from "../support/cluster";

/** What a cluster has left in its database and broker, against the protocol's invariants; all zero when all is well. */
export interface Leftovers {
  openRuns: number;
  openSteps: number;
  /** Steps of ended runs with more or less than one terminal event. */
  endedOtherwiseThanOnce: number;
  /** Runs whose events are not numbered from 1 without a gap. */
  gaps: number;
  grants: number;
  poolSlots: number;
  /** Messages that wait or are unacknowledged, in all queues of the namespace. */
  messages: number;
}

const COUNTS: Record<Exclude<keyof Leftovers, "messages">, string> = {
  openRuns: `select count(*) from runs where ended_at is null`,
  openSteps: `select count(*) from steps where ended_at is null`,
  endedOtherwiseThanOnce: `
    select count(*) from (
      select 1
      from steps s left join events e on e.run_id = s.run_id and e.step = s.step
        and e.type in ('STEP_SUCCESS', 'STEP_FAILURE', 'STEP_SKIPPED', 'STEP_CANCELED')
      group by s.run_id, s.step having count(e.seq) <> 1
    ) odd`,
  gaps: `
    select count(*) from (
      select 1 from events group by run_id having min(seq) <> 1 or max(seq) <> count(*)
    ) odd`,
  grants: `select count(*) from grants`,
  poolSlots: `select count(*) from pool_slots`,
};

/** Rows of one statement on the cluster's database. */
export const query = async <Row>({ place }: Cluster, sql: string): Promise<Row[]> => {
  const client = new Client({ connectionString: place.env.DATABASE_URL });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Row[];
  } finally {
    await client.end();
  }
};

/** Counts what is left, once the broker's queues have had time to see their last acknowledgements. */
export const leftovers = async (cluster: Cluster): Promise<Leftovers> => {
  const counts = await query<Leftovers>(
    cluster,
    `select ${Object.entries(COUNTS)
      .map(([name, sql]) => `(${sql})::int as "${name}"`)
      .join(", ")}`,
  );
  return { ...counts[0]!, messages: await messagesLeft(cluster) };
};

const messagesLeft = async ({ rabbit, place }: Cluster): Promise<number> => {
  const { NAMESPACE } = place.env;
  const queues = ["steps.default", ...Array.from({ length: 8 }, (_, shard) => `shard.${shard}`)];
  const connection = await connect(rabbit!.url);
  const channel = await connection.createChannel();
  let messages = 0;
  for (const queue of queues) messages += (await channel.checkQueue(`dqueue.${NAMESPACE}.${queue}`)).messageCount;
  await connection.close();
  return messages;
};
