import type { ChannelModel, ConfirmChannel } from "amqplib";
import type { OutgoingMessage } from "../carrier";
import { DqueueError } from "../../core/errors";
import { type Log, messageOf } from "../log";
import { closeChannel, guardChannel } from "./channels";
import type { Declarer } from "./declare";
import type { Link } from "./link";

/** A message until its confirm. */
interface Letter extends OutgoingMessage {
  readonly id: string;
  /** It found no queue: the confirm that follows says nothing. */
  returned: boolean;
  /** It has been handed to a channel, and so may have arrived. */
  written: boolean;
  resolve: () => void;
  reject: (error: unknown) => void;
}

const REFUSED_RETRY_MS = 200;

/** A queue on the present channel: declared, or with the letters that wait for its declaration in their order. */
type Declared = true | Letter[];

/**
 * Publishes with confirms, persistent and mandatory. What is not confirmed is kept, and sent again in its order when
 * the link is back; so a message may arrive twice, never not at all. Steps alone are not sent twice, since two workers
 * could then perform one dispatch: where it is uncertain whether one arrived, its dispatcher is told (DISPATCH_UNCERTAIN)
 * and orders it anew under another fence.
 */
export class Publisher {
  #channel: ConfirmChannel | null = null;
  #queues = new Map<string, Declared>();
  readonly #unconfirmed = new Map<string, Letter>();
  #count = 0;
  #ready: (() => void)[] = [];

  constructor(
    private readonly link: Link,
    private readonly declarer: Declarer,
    private readonly log: Log,
  ) {}

  open(): void {
    this.link.onUp((connection) => this.#up(connection));
  }

  publish(message: OutgoingMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      const letter: Letter = {
        ...message,
        id: String(++this.#count),
        returned: false,
        written: false,
        resolve,
        reject,
      };
      this.#unconfirmed.set(letter.id, letter);
      this.#post(letter);
    });
  }

  ready(): Promise<void> {
    return this.#channel ? Promise.resolve() : new Promise((resolve) => this.#ready.push(resolve));
  }

  /** Gives up what is unconfirmed. */
  close(): void {
    const text = "This node has stopped before RabbitMQ confirmed the message; whether it arrived is not known.";
    for (const letter of this.#unconfirmed.values()) letter.reject(new DqueueError("UNCONFIRMED", text));
    this.#unconfirmed.clear();
  }

  async #up(connection: ChannelModel): Promise<void> {
    const channel = await connection.createConfirmChannel();
    guardChannel(channel, "publishing", this.log, () => {
      if (this.#channel !== channel) return;
      this.#channel = null;
      this.#rejectUncertain();
      // Alone if only the channel went: the link starts it anew together with the connection.
      if (this.link.connection === connection) this.link.reset();
    });
    channel.on("return", (message) => {
      const letter = this.#unconfirmed.get(String(message.properties.messageId));
      if (letter) letter.returned = true;
    });
    this.#queues = new Map();
    this.#channel = channel;
    for (const letter of [...this.#unconfirmed.values()]) this.#post(letter);
    for (const ready of this.#ready.splice(0)) ready();
  }

  #post(letter: Letter): void {
    const channel = this.#channel;
    if (!channel) return; // goes out when the link is up
    const { name } = letter.queue;
    const declared = this.#queues.get(name);
    if (declared === true) return this.#write(channel, letter);
    if (declared) return void declared.push(letter);
    this.#queues.set(name, [letter]);
    void this.#declare(channel, letter);
  }

  async #declare(channel: ConfirmChannel, { queue }: Letter): Promise<void> {
    const queues = this.#queues;
    const waiting = (): Letter[] => {
      const letters = queues.get(queue.name);
      return Array.isArray(letters) ? letters : [];
    };
    try {
      if (!this.link.connection) return; // all goes again when it is back
      await this.declarer.declare(this.link.connection, queue);
    } catch (error) {
      if (this.#queues !== queues) return;
      const refused = waiting();
      queues.delete(queue.name);
      if (!(error instanceof DqueueError)) {
        // Not the queue's fault: a declaration that fails without a refusal means that the connection is going.
        this.log.debug(`Declaring ${queue.name}: ${messageOf(error)}`);
        return this.link.reset();
      }
      for (const letter of refused) this.#settle(letter, error);
      return;
    }
    if (this.#queues !== queues) return;
    const letters = waiting();
    queues.set(queue.name, true);
    for (const letter of letters) this.#write(channel, letter);
  }

  #write(channel: ConfirmChannel, letter: Letter): void {
    const options = { persistent: true, mandatory: true, messageId: letter.id, contentType: "application/json" };
    letter.written = true;
    const priority = letter.priority > 0 ? { priority: letter.priority } : {};
    try {
      channel.publish("", letter.queue.name, letter.body, { ...options, ...priority }, (error) => {
        if (error) return this.#unsure(channel, letter);
        if (letter.returned) return this.#again(letter);
        this.#settle(letter);
      });
    } catch {
      // The channel is closing; the letter is kept and goes again with the next one.
    }
  }

  #rejectUncertain(): void {
    for (const letter of this.#unconfirmed.values()) {
      if (letter.queue.key !== null || !letter.written) continue;
      const text = `The link broke before RabbitMQ confirmed a message for ${letter.queue.name}; whether it arrived is not known.`;
      this.#settle(letter, new DqueueError("DISPATCH_UNCERTAIN", text));
    }
  }

  /** Refused by the broker; or its channel went, and then it goes again when the link is up. */
  #unsure(channel: ConfirmChannel, letter: Letter): void {
    setTimeout(() => {
      if (this.#channel !== channel || !this.#unconfirmed.has(letter.id)) return;
      this.log.warn(`RabbitMQ refused a message for ${letter.queue.name}; it is sent again.`);
      this.#post(letter);
    }, REFUSED_RETRY_MS);
  }

  /** Its queue was deleted since it was declared. */
  #again(letter: Letter): void {
    letter.returned = letter.written = false;
    if (this.#queues.get(letter.queue.name) === true) this.#queues.delete(letter.queue.name);
    this.#post(letter);
  }

  #settle(letter: Letter, error?: unknown): void {
    if (!this.#unconfirmed.delete(letter.id)) return;
    if (error) letter.reject(error);
    else letter.resolve();
  }

  async shut(): Promise<void> {
    const channel = this.#channel;
    this.#channel = null;
    await closeChannel(channel);
  }
}
