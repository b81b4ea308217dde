/** Answers one message, or several in a row, of the PostgreSQL protocol. */
export type Execute = (message: Uint8Array) => Uint8Array<ArrayBuffer>;
/** Sends an answer to a client; null = the session is over. */
export type Answer = (client: number, message: Uint8Array<ArrayBuffer> | null) => void;

interface Client {
  id: number;
  started: boolean;
  /** What has arrived and is not yet a whole request. */
  pending: Buffer;
}

const NOTHING = Buffer.alloc(0);
const TERMINATE = "X".charCodeAt(0);
/** Query, Sync, Flush and password: after these a client waits for an answer. */
const ENDS_REQUEST = new Set(["Q", "S", "H", "p"].map((letter) => letter.charCodeAt(0)));
const READY_FOR_QUERY = "Z".charCodeAt(0);
const IDLE = "I".charCodeAt(0);
/** Nothing else bounds the write-ahead log: the embedded database has no checkpointer. */
const CHECKPOINT_AFTER_BYTES = 8 * 1024 * 1024;

const simpleQuery = (sql: string): Uint8Array => {
  const message = Buffer.from(`Q\0\0\0\0${sql}\0`);
  message.writeInt32BE(message.length - 1, 1);
  return message;
};
const ROLLBACK = simpleQuery("ROLLBACK");
const CHECKPOINT = simpleQuery("CHECKPOINT");

/** Sent in place of each client's own: with any other user or database the engine ends the process. */
const STARTUP = ((): Uint8Array => {
  const settings = "user\0postgres\0database\0postgres\0client_encoding\0UTF8\0\0";
  const message = Buffer.from(`\0\0\0\0\0\x03\0\0${settings}`, "latin1");
  message.writeInt32BE(message.length, 0);
  return message;
})();

/**
 * Lets many clients share the one session of the embedded database. Whole requests are answered one after the other;
 * while a client is inside a transaction, only its own are, and the others' wait.
 */
export class Sessions {
  private readonly clients = new Map<number, Client>();
  /** A null message is the client's farewell. */
  private readonly requests: { client: Client; message: Uint8Array | null }[] = [];
  /** The client inside a transaction or an unfinished request. */
  private holder: Client | null = null;
  private bytesSinceCheckpoint = 0;

  constructor(
    private readonly execute: Execute,
    private readonly answer: Answer,
  ) {}

  /** Takes bytes of a client; an unknown one begins with them. */
  receive(id: number, chunk: Uint8Array): void {
    let client = this.clients.get(id);
    if (!client) this.clients.set(id, (client = { id, started: false, pending: NOTHING }));
    client.pending = Buffer.concat([client.pending, chunk]);
    if (!client.started) this.start(client);
    if (client.started) this.takeRequests(client);
    this.work();
  }

  /** The client is gone, perhaps without a word. */
  leave(id: number): void {
    const client = this.clients.get(id);
    if (!client) return;
    this.requests.push({ client, message: null });
    this.work();
  }

  /** Undoes what an open transaction has written, before the database is closed. */
  close(): void {
    if (this.holder) this.execute(ROLLBACK);
  }

  private start(client: Client): void {
    const { pending } = client;
    if (pending.length < 4 || pending.length < pending.readInt32BE(0)) return;
    client.pending = pending.subarray(pending.readInt32BE(0));
    client.started = true;
    this.requests.push({ client, message: STARTUP });
  }

  private takeRequests(client: Client): void {
    const { pending } = client;
    let whole = 0;
    let leaves = false;
    for (let at = 0; at + 5 <= pending.length;) {
      const next = at + 1 + pending.readInt32BE(at + 1);
      if (next > pending.length) break;
      if ((leaves = pending[at] === TERMINATE)) break;
      if (ENDS_REQUEST.has(pending[at]!)) whole = next;
      at = next;
    }
    if (whole > 0) this.requests.push({ client, message: pending.subarray(0, whole) });
    if (leaves) this.requests.push({ client, message: null });
    client.pending = pending.subarray(whole);
  }

  private work(): void {
    for (let next = this.next(); next; next = this.next()) {
      if (next.message) this.perform(next.client, next.message);
      else this.farewell(next.client);
    }
    if (this.holder || this.bytesSinceCheckpoint < CHECKPOINT_AFTER_BYTES) return;
    this.bytesSinceCheckpoint = 0;
    this.execute(CHECKPOINT);
  }

  private next(): { client: Client; message: Uint8Array | null } | undefined {
    const { holder, requests } = this;
    if (!holder) return requests.shift();
    const index = requests.findIndex(({ client }) => client === holder);
    return index < 0 ? undefined : requests.splice(index, 1)[0];
  }

  private perform(client: Client, message: Uint8Array): void {
    const out = this.execute(message);
    this.bytesSinceCheckpoint += message.length;
    const ready = out.length >= 6 && out[out.length - 6] === READY_FOR_QUERY;
    this.holder = ready && out[out.length - 1] === IDLE ? null : client;
    this.answer(client.id, out);
  }

  private farewell(client: Client): void {
    if (!this.clients.delete(client.id)) return;
    if (this.holder === client) {
      // Otherwise all that others commit from now on would belong to this transaction, and vanish with it.
      this.execute(ROLLBACK);
      this.holder = null;
    }
    this.answer(client.id, null);
  }
}
