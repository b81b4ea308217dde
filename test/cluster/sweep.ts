import { type Channel, connect } from "amqplib";
import { Client } from "pg";
import { lightNode } from "../../services/light-node";
import { readSettings } from "../../services/settings";
import type { Cluster } from "../support/cluster";

/** Where something was looked for: a table, a route, a queue, a process, an answer of a node; with all that is there. */
export type Places = Map<string, string>;

/** All that the cluster's broker carries from now on, by routing key: whatever any subscriber could see. */
export const listenIn = async ({ rabbit }: Cluster): Promise<{ end(): Promise<Places> }> => {
  await rabbit!.ctl("trace_on");
  const connection = await connect(rabbit!.url);
  const channel: Channel = await connection.createChannel();
  const { queue } = await channel.assertQueue("", { exclusive: true });
  await channel.bindQueue(queue, "amq.rabbitmq.trace", "publish.#");
  const carried: Places = new Map();
  const keep = (place: string, text: string): unknown => carried.set(place, (carried.get(place) ?? "") + text);
  await channel.consume(
    queue,
    (message) => {
      const { routing_keys: keys = [], properties = {} } = message!.properties.headers as Record<string, string[]>;
      keep(`message for ${keys.join()}`, `${message!.content.toString()} ${JSON.stringify(properties)}\n`);
    },
    { noAck: true },
  );
  // Where the test fails first, the broker ends before it.
  connection.on("error", () => undefined);
  const end = async (): Promise<Places> => {
    await connection.close();
    await rabbit!.ctl("trace_off");
    return carried;
  };
  return { end };
};

/** Every row of every table. */
export const tablesOf = async ({ place }: Cluster): Promise<Places> => {
  const client = new Client({ connectionString: place.env.DATABASE_URL });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      "select quote_ident(tablename) as name from pg_tables where schemaname = 'public'",
    );
    const tables: Places = new Map();
    for (const { name } of rows) {
      const found = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      tables.set(`table ${name}`, found.rows.map(({ row }) => row).join("\n"));
    }
    return tables;
  } finally {
    await client.end();
  }
};

const NIL = "00000000-0000-0000-0000-000000000000";

/** A live stream of all that has happened, as a link of the API: a run with all its events, and ticks. */
const streamOf = (run: string): string =>
  `/api/stream?topics=runs,ticks,run:${run}&last_event_id=runs=0:${NIL},ticks=${NIL},run:${run}=0`;

/** What a stream, which does not end, says until it has told a run's failure and a tick. */
const saidBy = async (response: Response): Promise<string> => {
  let text = "";
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("RUN_FAILURE") && text.includes("event: tick")) return text;
  }
  throw new Error(`The stream ended with: ${text}`);
};

/** What every GET route answers to an admin, of the things that there are. @param names of `{name}` by the part before. */
export const answersOf = async (
  { url }: Cluster,
  names: Readonly<Record<string, string>>,
  headers: Record<string, string>,
): Promise<Places> => {
  const { paths } = (await (await fetch(`${url}/api/openapi.json`)).json()) as { paths: Record<string, object> };
  const answers: Places = new Map();
  for (const [path, methods] of Object.entries(paths)) {
    if (!("get" in methods)) continue;
    const live = path === "/api/stream";
    const asked = live
      ? streamOf(names.runs!)
      : path.replace(/([^/]+)\/\{(\w+)\}/g, (_, before: string) => `${before}/${names[before] ?? "nothing"}`);
    const response = await fetch(`${url}${asked}`, { headers });
    answers.set(`GET ${asked}`, `${response.status} ${await (live ? saidBy(response) : response.text())}`);
  }
  return answers;
};

const ASKED = [
  ...["options", "list", "health", "services", "actions", "events", "metrics"].map((what) => `$node.${what}`),
  ...["process.describe", "coordinator.owned", "executor.describe", "executor.loads"],
];

/** What each node tells of itself to whoever is on the bus. */
export const nodesTell = async ({ place }: Cluster): Promise<Places> => {
  const broker = lightNode(readSettings({ ...place.env, LOG_LEVEL: "error" }), {});
  const told: Places = new Map();
  const ask = async (nodeID: string, action: string): Promise<void> => {
    const answer = await broker.call(action, {}, { nodeID }).catch((error: Error) => error.message);
    told.set(`${action} of ${nodeID}`, JSON.stringify(answer));
  };
  await broker.start();
  try {
    await broker.waitForServices(["api", "coordinator", "executor"]);
    for (const { id } of await broker.call<{ id: string }[], object>("$node.list", {}))
      for (const action of ASKED) await ask(id, action);
  } finally {
    await broker.stop();
  }
  return told;
};

/** What each process printed, and the figures that it shows. */
export const processesTell = async (cluster: Cluster): Promise<Places> => {
  const told: Places = new Map();
  for (const role of ["webserver", "daemon", "worker"] as const)
    for (const [at, running] of cluster.processes(role).entries()) {
      told.set(`log of ${role} ${at}`, running.text());
      told.set(`figures of ${role} ${at}`, await (await fetch(cluster.metricsUrl(running))).text());
    }
  return told;
};

/** The places that have a text: as it is, as JSON writes it, or as a URL does. */
export const placesWith = (text: string, places: Places): string[] => {
  const forms = [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)];
  return [...places].filter(([, told]) => forms.some((form) => told.includes(form))).map(([place]) => place);
};
