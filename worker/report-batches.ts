import type { Report } from "../core/messages";
import type { Clock, ExecutorPorts, Timer } from "./ports";

/** Under load, reports that follow each other within this time travel together. */
const GATHER_MS = 2;
/** A message with so many reports speaks of load. */
const LOAD_REPORTS = 4;
/** How long a step's start waits: most short steps have ended by then, and their end says it all. */
const LAZY_MS = 10;
const MAX_REPORTS = 500;
const MAX_BYTES = 1024 * 1024;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;

/** A report that waits to be sent; `dropped` ones are left out. */
export interface QueuedReport {
  report: Report;
  bytes: number;
  state: "waiting" | "sent" | "dropped";
  /** Not to be sent before, in ms since the epoch. */
  notBefore: number;
  confirmed: () => void;
}

interface Mailbox {
  shard: number;
  waiting: QueuedReport[];
  sending: boolean;
  sentAt: number;
  sentReports: number;
  timer: Timer | null;
  /** When the timer fires; Infinity: there is none. */
  due: number;
}

/**
 * Gathers reports by shard: sent at once when the shard is idle, after 2 ms under load. One message of a shard is on
 * its way at a time, since the order of a generator's items is the order in which they are committed. What is sent is
 * kept and sent again until it is confirmed.
 */
export class ReportBatches {
  private readonly mailboxes = new Map<number, Mailbox>();
  private quietWaiters: (() => void)[] = [];
  private open = 0;

  constructor(
    private readonly clock: Clock,
    private readonly ports: Pick<ExecutorPorts, "report" | "warn">,
  ) {}

  /** `bytes`: what it weighs in a message, roughly. `confirmed` is called once the broker has it. */
  add(report: Report, bytes: number, confirmed: () => void = ignore): QueuedReport {
    return this.queue({ report, bytes, confirmed, state: "waiting", notBefore: 0 });
  }

  /** As `add`, for what is kept back for some milliseconds, since it may become needless. */
  addLazily(report: Report, bytes: number): QueuedReport {
    const notBefore = this.clock.now() + LAZY_MS;
    return this.queue({ report, bytes, confirmed: ignore, state: "waiting", notBefore });
  }

  /** Keeps it back no longer: what is said next builds upon it. */
  hasten(queued: QueuedReport): void {
    queued.notBefore = 0;
  }

  /** Takes a report back that has not been sent. False: it is too late. */
  drop(queued: QueuedReport): boolean {
    if (queued.state !== "waiting") return false;
    queued.state = "dropped";
    this.settle(1);
    return true;
  }

  /** Resolves when every report has been confirmed. */
  quiet(): Promise<void> {
    return this.open === 0 ? Promise.resolve() : new Promise((resolve) => this.quietWaiters.push(resolve));
  }

  private queue(queued: QueuedReport): QueuedReport {
    const mailbox = this.mailboxOf(queued.report.shard);
    mailbox.waiting.push(queued);
    this.open++;
    if (!mailbox.sending) this.schedule(mailbox, queued.notBefore);
    return queued;
  }

  private mailboxOf(shard: number): Mailbox {
    let mailbox = this.mailboxes.get(shard);
    if (!mailbox) {
      mailbox = { shard, waiting: [], sending: false, sentAt: -Infinity, sentReports: 0, timer: null, due: Infinity };
      this.mailboxes.set(shard, mailbox);
    }
    return mailbox;
  }

  private schedule(mailbox: Mailbox, notBefore: number): void {
    const now = this.clock.now();
    const gathered = mailbox.sentReports >= LOAD_REPORTS ? mailbox.sentAt + GATHER_MS : 0;
    const due = Math.max(now, notBefore, gathered);
    if (due >= mailbox.due) return;
    mailbox.timer?.cancel();
    mailbox.due = due;
    mailbox.timer = null;
    const flush = (): void => this.flush(mailbox);
    // At the end of this turn: what one message of a step process brought goes out together.
    if (due <= now) queueMicrotask(flush);
    else mailbox.timer = this.clock.after(due - now, flush);
  }

  private flush(mailbox: Mailbox): void {
    mailbox.timer?.cancel();
    mailbox.timer = null;
    mailbox.due = Infinity;
    if (mailbox.sending) return;
    const batch = takeBatch(mailbox, this.clock.now());
    if (batch.length > 0) void this.send(mailbox, batch);
    else this.scheduleWaiting(mailbox);
  }

  private scheduleWaiting(mailbox: Mailbox): void {
    let first = Infinity;
    for (const { state, notBefore } of mailbox.waiting) if (state === "waiting" && notBefore < first) first = notBefore;
    if (first < Infinity) this.schedule(mailbox, first);
    else mailbox.waiting = [];
  }

  private async send(mailbox: Mailbox, batch: QueuedReport[]): Promise<void> {
    mailbox.sending = true;
    mailbox.sentAt = this.clock.now();
    mailbox.sentReports = batch.length;
    const reports = batch.map((queued) => queued.report);
    for (let wait = FIRST_RETRY_MS; ; wait = Math.min(wait * 2, LAST_RETRY_MS)) {
      try {
        await this.ports.report(mailbox.shard, reports);
        break;
      } catch (error) {
        this.ports.warn(
          `${reports.length} reports for shard ${mailbox.shard} were not confirmed (${(error as Error).message}); sending them again in ${wait} ms.`,
        );
        await new Promise<void>((resolve) => this.clock.after(wait, resolve));
      }
    }
    mailbox.sending = false;
    for (const queued of batch) queued.confirmed();
    this.settle(batch.length);
    this.scheduleWaiting(mailbox);
  }

  private settle(count: number): void {
    this.open -= count;
    if (this.open > 0) return;
    const waiters = this.quietWaiters;
    this.quietWaiters = [];
    for (const quiet of waiters) quiet();
  }
}

/** Takes the next reports that fit into one message, in order; at least one, however large. */
const takeBatch = (mailbox: Mailbox, now: number): QueuedReport[] => {
  const batch: QueuedReport[] = [];
  const left: QueuedReport[] = [];
  let bytes = 0;
  let full = false;
  for (const queued of mailbox.waiting) {
    if (queued.state === "dropped") continue;
    full ||= batch.length >= MAX_REPORTS || (batch.length > 0 && bytes + queued.bytes > MAX_BYTES);
    if (full || queued.notBefore > now) {
      left.push(queued);
      continue;
    }
    queued.state = "sent";
    bytes += queued.bytes;
    batch.push(queued);
  }
  mailbox.waiting = left;
  return batch;
};

const ignore = (): void => undefined;
