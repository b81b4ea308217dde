import { Agent, get } from "node:http";
import { DATABASES } from "../support/databases";
import { startWorld } from "./world";

/** The status of an answer on a connection that is kept; null: there is no server any more. */
const ask = (url: string, agent: Agent): Promise<number | null> =>
  new Promise((resolve) =>
    get(url, { agent }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode!));
    }).once("error", () => resolve(null)),
  );

test("clients that ask again and again, and open streams, do not hold up its stop", async () => {
  const database = await DATABASES[0]![1]();
  const world = await startWorld(database);
  const statuses: (number | null)[] = [];
  const client = async (path: string): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (;;) {
      const status = await ask(`${world.url}${path}`, agent);
      statuses.push(status);
      if (status === null) return agent.destroy();
    }
  };
  const clients = ["/api/health", "/api/runs", "/api/stream?topics=runs", "/api/jobs"].map(client);
  while (statuses.length < 100) await ask(`${world.url}/api/health`, new Agent());
  await world.stop();
  await Promise.all(clients);
  expect([...new Set(statuses)].filter((status) => ![200, 503, null].includes(status))).toEqual([]);
  await database.stop();
});
