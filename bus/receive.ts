import type { CallingOptions, ServiceBroker } from "moleculer";
import type { Arrival } from "./carrier";
import { FewLines, type Log, messageOf } from "./log";
import { type ItemContext, decodeMessage } from "./message";

/** What the handler of a durable action finds in `ctx.options.delivery`. */
export interface Delivery {
  /** The step queue's name as dispatchers give it, or the name of the mailbox's key. */
  queue: string;
  /** Of a mailbox: the value of its key. */
  key: string | null;
  /** Some consumer had it before; whether that one began is not known. */
  redelivered: boolean;
  /** How many items `ctx.params` holds. */
  size: number;
  /** Steps only: no slot was free in time. To be given back by a report, not performed. */
  noSlot?: true;
  /** Each item's own meta, requestID, parent span and caller: options for the call that performs it. */
  contexts: ItemContext[];
}

/** Gives what arrives to the local handler of its action. Unreadable messages are said once and dropped. */
export class Receiving {
  /** Texts that were logged: a stream of broken messages makes one line, not a line each. */
  readonly #said = new Set<string>();
  readonly #drops: FewLines;
  readonly #failures: FewLines;

  constructor(
    private readonly broker: ServiceBroker,
    private readonly isLocal: (action: string) => boolean,
    log: Log,
  ) {
    this.#drops = new FewLines((line) => log.error(line));
    this.#failures = new FewLines((line) => log.error(line));
  }

  /** Resolves when the handler has, or when there is nothing to handle; rejects as the handler does. */
  receive = async (arrival: Arrival): Promise<void> => {
    const message = decodeMessage(arrival.body);
    if (typeof message === "string") return this.#drop(arrival, message);
    const { action, items, contexts } = message;
    if (!this.isLocal(action)) return this.#drop(arrival, `${action} is not a durable action of this node`);
    const { queue, redelivered, noSlot } = arrival;
    const delivery: Delivery = { queue: queue.label, key: queue.key, redelivered, size: items.length, contexts };
    if (noSlot) delivery.noSlot = true;
    // The call's own context is the item's where there is only one, so that a trace leads from dispatch to handler.
    const options: CallingOptions = { ...(contexts.length === 1 ? contexts[0] : {}), delivery };
    // No timeout: an item is in hand for as long as it takes, and its slot with it.
    Object.assign(options, { nodeID: this.broker.nodeID, timeout: 0, retries: 0, tracking: false });
    try {
      await this.broker.call(action, items, options);
    } catch (error) {
      this.#failures.say(`${action} failed on a message of ${queue.name}; it will come again: ${messageOf(error)}`);
      throw error;
    }
  };

  #drop(arrival: Arrival, why: string): void {
    const text = `A message on ${arrival.queue.name} was dropped: ${why}.`;
    if (this.#said.has(text)) return;
    if (this.#said.size < 1_000) this.#said.add(text);
    this.#drops.say(
      `${text} (${arrival.body.length} bytes, beginning ${JSON.stringify(arrival.body.toString("utf8", 0, 120))}; said once)`,
    );
  }
}
