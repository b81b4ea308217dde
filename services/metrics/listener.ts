import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What an answer says: its status, its body and the body's type. */
export interface Answer {
  status: number;
  body: string;
  type: string;
}

/** Answers by path. */
export type Answers = Readonly<Record<string, () => Answer | Promise<Answer>>>;

/** A small HTTP server for GET alone. */
export interface Listener {
  readonly port: number;
  /** Breaks off what is still open. */
  close(): Promise<void>;
}

/** Listens at an address; port 0 takes any free one. Rejects where it cannot, with Node's own error. */
export const listen = async (answers: Answers, host: string, port: number): Promise<Listener> => {
  const server = createServer((request, response) => void answer(answers, request, response));
  await listening(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const listening = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });

const answer = async (answers: Answers, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const path = request.url!.split("?")[0]!;
  const { status, body, type } = await answerTo(answers, request.method!, path);
  response.writeHead(status, {
    "content-type": type,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(request.method === "HEAD" ? undefined : body);
};

const answerTo = async (answers: Answers, method: string, path: string): Promise<Answer> => {
  const paths = Object.keys(answers).join(", ");
  if (!Object.hasOwn(answers, path)) return text(404, `There is nothing at ${path}, only ${paths}.\n`);
  if (method !== "GET" && method !== "HEAD") return text(405, `Ask ${path} by GET, not ${method}.\n`);
  try {
    return await answers[path]!();
  } catch (error) {
    return text(500, `${(error as Error).message}\n`);
  }
};

const text = (status: number, body: string): Answer => ({ status, body, type: "text/plain; charset=utf-8" });

export const json = (status: number, body: object): Answer => ({
  ...{ status, body: JSON.stringify(body) },
  type: "application/json; charset=utf-8",
});
