import type { IncomingMessage, ServerResponse } from "node:http";
import { v7 as uuidv7 } from "uuid";
import { problemOf } from "./problems";
import type { Reply } from "./route";

/** Sends a reply; a HEAD request gets its headers alone. */
export const sendReply = (response: ServerResponse, { status, body, type, headers = {} }: Reply): void => {
  if (status === 204) return void response.writeHead(204, headers).end();
  const asItIs = type !== undefined && (typeof body === "string" || Buffer.isBuffer(body));
  const text = asItIs ? body : JSON.stringify(body);
  response.writeHead(status, {
    "content-type": type ?? "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    ...headers,
  });
  response.end(text);
};

/**
 * Answers a request that failed with a problem document. May be called more than once for a request: only the first
 * counts. Nothing of where or how it failed goes out.
 * @param log told what was unexpected, with the id by which the answer names it.
 */
export const sendProblem = (
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  log: (error: unknown, requestId: string) => void,
): void => {
  if (response.headersSent || response.destroyed) return;
  const { problem: answer, unexpected } = problemOf(error);
  const requestId = uuidv7();
  if (unexpected) log(error, requestId);
  const { allow, ...document } = answer as typeof answer & { allow?: string };
  const text = JSON.stringify({
    ...document,
    request_id: requestId,
    instance: (request as { originalUrl?: string }).originalUrl ?? request.url,
  });
  response.writeHead(answer.status, {
    "content-type": "application/problem+json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    ...(allow !== undefined && { allow }),
    ...(typeof answer.retry_after === "number" && { "retry-after": `${answer.retry_after}` }),
    ...(answer.status === 401 && { "www-authenticate": 'Bearer realm="dqueue"' }),
    // What of the request was not read would be taken for the next one.
    ...(!request.complete && { connection: "close" }),
  });
  response.end(text);
};
