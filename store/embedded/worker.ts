/** The worker thread of the embedded database: opens the engine and serves its clients. */
import { parentPort, workerData } from "node:worker_threads";
import { DqueueError } from "../../core/errors";
import { openEngine } from "./engine";
import type { FromEngine, ToEngine, WorkerData } from "./messages";
import { Sessions } from "./sessions";

const port = parentPort!;
const send = (message: FromEngine, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);

const serve = async ({ folder, template }: WorkerData): Promise<void> => {
  const engine = await openEngine(folder, template);
  const sessions = new Sessions(
    (message) => engine.execProtocolRawSync(message),
    (client, bytes) => {
      // The engine answers with a view of its own memory, which the next request overwrites.
      const copy = bytes && Uint8Array.from(bytes);
      send({ type: "answer", client, bytes: copy }, copy ? [copy.buffer] : []);
    },
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
