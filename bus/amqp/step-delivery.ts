import type { ConsumeMessage, GetMessage } from "amqplib";
import type { Arrival, IntakeOptions } from "../carrier";
import { type Log, messageOf } from "../log";
import type { QueueRef } from "../queues";
import type { Unacked } from "./channels";

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

/** One delivery of a step queue, from its arrival to its ack. */
export class StepDelivery {
  readonly #arrival: Arrival;

  constructor(
    private readonly unacked: Unacked,
    queue: QueueRef,
    message: ConsumeMessage | GetMessage,
    private readonly options: IntakeOptions,
    private readonly log: Log,
  ) {
    this.#arrival = { queue, body: message.content, redelivered: message.fields.redelivered, noSlot: false };
  }

  /**
   * Runs the handler and acks. A handler that goes on for `ackAfterMs` keeps its slot, but `beforeEarlyAck` is awaited
   * (consumers off where needed) and the message acked: no step meets RabbitMQ's `consumer_timeout` of 30 minutes.
   */
  async perform(beforeEarlyAck: () => Promise<void>): Promise<void> {
    const timer = setTimeout(() => {
      beforeEarlyAck().then(
        () => this.unacked.ack(),
        (error: unknown) => this.log.warn(`An early ack on ${this.#arrival.queue.name} failed: ${messageOf(error)}`),
      );
    }, this.options.ackAfterMs);
    try {
      await this.handOver(false);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Hands the delivery to the handler until it takes it. A step is never requeued: a handler that fails gets it again
   * as redelivered, so that the worker gives it back by a report instead of running it a second time.
   */
  async handOver(noSlot: boolean): Promise<void> {
    let arrival: Arrival = { ...this.#arrival, noSlot };
    for (let wait = FIRST_RETRY_MS; ; wait = Math.min(wait * 2, LAST_RETRY_MS)) {
      try {
        await this.options.receive(arrival);
        return this.unacked.ack();
      } catch {
        if (!this.unacked.isOpen) return; // RabbitMQ has it again, or it was acked early
        await new Promise((resolve) => setTimeout(resolve, wait));
        arrival = { ...arrival, redelivered: true };
      }
    }
  }
}
