/** What the thread of the embedded database is started with. */
export interface WorkerData {
  folder: string;
  template: string | null;
}

/** To the thread: bytes of a client, a client that is gone, the end. */
export type ToEngine =
  { type: "request"; client: number; bytes: Uint8Array } | { type: "leave"; client: number } | { type: "close" };

/** From the thread. An answer of null bytes ends the client's stream. */
export type FromEngine =
  | { type: "ready" }
  | { type: "failed"; code: string; message: string }
  | { type: "answer"; client: number; bytes: Uint8Array | null };
