import { createServer } from "node:net";
import { DqueueError } from "../core/errors";

/** Why nothing can listen there now; null: it can. */
export const portObstacle = async (host: string, port: number): Promise<string | null> => {
  const failure = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    const server = createServer();
    server.once("error", resolve);
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
  if (failure === null) return null;
  return failure.code === "EADDRINUSE" ? "another process listens there" : failure.message;
};

/** moleculer-web only logs that it cannot listen, and never ends its start. Fails with PORT_UNUSABLE. */
export const refuseTakenPort = async ({ host, port }: { host: string; port: number }): Promise<void> => {
  const obstacle = await portObstacle(host, port);
  if (obstacle === null) return;
  throw new DqueueError(
    "PORT_UNUSABLE",
    `The web server cannot listen on ${host}:${port}: ${obstacle}. Set PORT to another one (0 takes any that is free), or HOST.`,
  );
};
