/** The worker thread of the embedded database: opens the engine and serves its clients. */
import { parentPort, workerData } from "node:worker_threads";
import type { PGlite } from "@electric-sql/pglite";
import { DqueueError } from "../../core/errors";
import { openEngine } from "./engine";
import type { FromEngine, ToEngine, WorkerData } from "./messages";
import { Sessions } from "./sessions";

const port = parentPort!;
const send = (message: FromEngine, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);

/**
 * Answers a request at once. Not by `execProtocolRawSync`: whoever uses that alone has the engine keep every row that
 * it has ever answered, until the memory is full.
 */
const perform = (engine: PGlite, message: Uint8Array): Uint8Array<ArrayBuffer> => {
  const parts: Uint8Array[] = [];
  // A part is a view of the engine's memory, which the next one overwrites.
  const onRawData = (part: Uint8Array): void => void parts.push(part.slice());
  // All is done when it returns: it would wait for nothing but a sync. If it fails, this thread ends with its error.
  void engine.execProtocolRawStream(message, { syncToFs: false, onRawData });
  const answer = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    answer.set(part, at);
    at += part.length;
  }
  return answer;
};

const serve = async ({ folder, template }: WorkerData): Promise<void> => {
  const engine = await openEngine(folder, template);
  const sessions = new Sessions(
    (message) => perform(engine, message),
    (client, bytes) => send({ type: "answer", client, bytes }, bytes ? [bytes.buffer] : []),
  );
  port.on("message", (message: ToEngine) => {
    if (message.type === "request") return sessions.receive(message.client, message.bytes);
    if (message.type === "leave") return sessions.leave(message.client);
    sessions.close();
    void engine.close().then(() => port.close());
  });
  send({ type: "ready" });
};

serve(workerData as WorkerData).catch((error: unknown) => {
  const { code = "EMBEDDED_FAILED", message } = error as Partial<DqueueError> & Error;
  send({ type: "failed", code: error instanceof DqueueError ? code : "EMBEDDED_FAILED", message });
  port.close();
});
