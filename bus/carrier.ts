import type { QueueRef } from "./queues";

/** A message that goes out: one or more items for one queue. */
export interface OutgoingMessage {
  readonly queue: QueueRef;
  /** 0–9; mailboxes have none, since a mark must not overtake a report. */
  readonly priority: number;
  readonly body: Buffer;
}

/** A message that came in. */
export interface Arrival {
  readonly queue: QueueRef;
  readonly body: Buffer;
  readonly redelivered: boolean;
  /** No slot was free in time (or the intake is stopping): to be given back by a report, not performed. */
  readonly noSlot: boolean;
}

/** Takes an arrival in hand. Resolved: it may be acked. Rejected: it must come again. */
export type Receiver = (arrival: Arrival) => Promise<void>;

/** A mailbox that is consumed, or will be as soon as the broker lets it. */
export interface OpenMailbox {
  /** Resolves when it is consumed; rejects if it is closed before. */
  readonly opened: Promise<void>;
  /** `requeue`: what is in hand goes back in order; otherwise it is waited for and acked. */
  close(how: { requeue: boolean }): Promise<void>;
}

/** The steps that a worker takes, as many at a time as it has slots. */
export interface StepIntake {
  /** Takes nothing more from this queue until `resume`. */
  pause(queue: string): Promise<void>;
  resume(queue: string): Promise<void>;
  /** Takes nothing new; what is in hand goes on. A delivery on its way is handed over with `noSlot`. */
  stop(): Promise<void>;
  /** Slots held now, by deliveries in hand or acked early. */
  readonly used: number;
}

export interface IntakeOptions {
  queues: readonly QueueRef[];
  slots: number;
  /** A delivery older than this is acked although its handler goes on; its slot stays taken. */
  ackAfterMs: number;
  /** How long a delivery may wait for a slot before it is handed over with `noSlot`. */
  slotWaitMs: number;
  receive: Receiver;
}

export interface QueueDepth {
  /** Messages that no consumer has in hand. */
  messages: number;
  consumers: number;
}

/** A broadcast to everyone who listens now, transient. */
export interface Fanout<T> {
  /** Resolves when the broker has confirmed; rejects when it cannot (the link is down): nothing is kept. */
  publish(message: T): Promise<void>;
  /** Resolves when everything published from now on will arrive; returns how to end it. */
  subscribe(listener: (message: T) => void): Promise<() => void>;
}

/** What durable actions stand on: RabbitMQ, or memory. */
export interface Carrier {
  /** Connects. Harmless when repeated. */
  start(): void;
  /** Resolves when the message is safe with the broker. Kept and sent again across reconnects. */
  publish(message: OutgoingMessage): Promise<void>;
  openMailbox(queue: QueueRef, receive: Receiver): OpenMailbox;
  takeSteps(options: IntakeOptions): StepIntake;
  queueDepth(queue: QueueRef): Promise<QueueDepth>;
  /** Messages in hand of consumers and not acknowledged, by queue. What is not known is absent. Never rejects. */
  unacked(): Promise<ReadonlyMap<string, number>>;
  fanout<T>(name: string): Fanout<T>;
  /** What is wrong now, a line each; empty when all is well. */
  problems(): string[];
  /** Resolves when messages can be sent. */
  ready(): Promise<void>;
  /** Ends the intakes: waits up to `ms` for the steps in hand. What is unacked then comes again elsewhere. */
  endIntakes(ms: number): Promise<void>;
  /** Closes the connections. What is unconfirmed is rejected with UNCONFIRMED. */
  close(): Promise<void>;
}
