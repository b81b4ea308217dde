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

interface Request {
  client: Client;
  /** null: its farewell. */
  message: Uint8Array | null;
  /** The answer to it says at its end that the engine is ready for the next. */
  whole: boolean;
}

const NOTHING = Buffer.alloc(0);
const TERMINATE = "X".charCodeAt(0);
/** Query, Sync, Flush and password: after these a client waits for an answer. */
const ENDS_REQUEST = new Set(["Q", "S", "H", "p"].map((letter) => letter.charCodeAt(0)));
/** Query and Sync: the answer to these ends with ReadyForQuery. */
const ENDS_WHOLE = new Set(["Q", "S"].map((letter) => letter.charCodeAt(0)));
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
  private readonly requests: Request[] = [];
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
    this.requests.push({ client, message: null, whole: true });
    this.work();
  }

  /** Undoes what an open transaction has written, before the database is closed. */
  close(): void {
    if (this.holder) this.ask(ROLLBACK);
  }

  private start(client: Client): void {
    const { pending } = client;
    if (pending.length < 4 || pending.length < pending.readInt32BE(0)) return;
    client.pending = pending.subarray(pending.readInt32BE(0));
    client.started = true;
    this.requests.push({ client, message: STARTUP, whole: true });
  }

  private takeRequests(client: Client): void {
    const { pending } = client;
    let length = 0;
    let whole = false;
    let leaves = false;
    for (let at = 0; at + 5 <= pending.length;) {
      const next = at + 1 + pending.readInt32BE(at + 1);
      if (next > pending.length) break;
      if ((leaves = pending[at] === TERMINATE)) break;
      if (ENDS_REQUEST.has(pending[at]!)) {
        length = next;
        whole = ENDS_WHOLE.has(pending[at]!);
      }
      at = next;
    }
    if (length > 0) this.requests.push({ client, message: pending.subarray(0, length), whole });
    if (leaves) this.requests.push({ client, message: null, whole: true });
    client.pending = pending.subarray(length);
  }

  private work(): void {
    for (let next = this.next(); next; next = this.next()) {
      if (next.message) this.perform(next.client, next.message, next.whole);
      else this.farewell(next.client);
    }
    if (this.holder || this.bytesSinceCheckpoint < CHECKPOINT_AFTER_BYTES) return;
    this.bytesSinceCheckpoint = 0;
    this.ask(CHECKPOINT);
  }

  private next(): Request | undefined {
    const { holder, requests } = this;
    if (!holder) return requests.shift();
    const index = requests.findIndex(({ client }) => client === holder);
    return index < 0 ? undefined : requests.splice(index, 1)[0];
  }

  private perform(client: Client, message: Uint8Array, whole: boolean): void {
    const out = whole ? this.ask(message) : this.execute(message);
    this.bytesSinceCheckpoint += message.length;
    this.holder = isReady(out) && out[out.length - 1] === IDLE ? null : client;
    this.answer(client.id, out);
  }

  /** Throws the engine's last words where it has ended, as it does when it cannot write its log: it would answer nobody any more. */
  private ask(message: Uint8Array): Uint8Array<ArrayBuffer> {
    const out = this.execute(message);
    if (isReady(out)) return out;
    throw new Error(errorIn(out) ?? "its engine has ended");
  }

  private farewell(client: Client): void {
    if (!this.clients.delete(client.id)) return;
    if (this.holder === client) {
      // Otherwise all that others commit from now on would belong to this transaction, and vanish with it.
      this.ask(ROLLBACK);
      this.holder = null;
    }
    this.answer(client.id, null);
  }
}

const isReady = (out: Uint8Array): boolean => out.length >= 6 && out[out.length - 6] === READY_FOR_QUERY;

const ERROR = "E".charCodeAt(0);

/** The message of the first error in an answer; null: there is none. */
const errorIn = (out: Uint8Array): string | null => {
  const answer = Buffer.from(out);
  for (let at = 0; at + 5 <= answer.length; at += 1 + answer.readInt32BE(at + 1)) {
    if (answer[at] !== ERROR) continue;
    // Fields, each with a letter before it and a NUL behind it.
    const fields = answer.toString("utf8", at + 5, at + 1 + answer.readInt32BE(at + 1)).split("\0");
    return fields.find((field) => field.startsWith("M"))?.slice(1) ?? null;
  }
  return null;
};
