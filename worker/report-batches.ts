import type { Report } from "../core/messages";
import type { Clock, ExecutorPorts, Timer } from "./ports";

/** Reports that follow each other within this time travel together. */
const GATHER_MS = 2;
/** How long a report that hurries nobody (a step's start) waits for one that does. */
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
  confirmed: () => void;
}

interface Mailbox {
  shard: number;
  waiting: QueuedReport[];
  sending: boolean;
  sentAt: number;
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
    return this.queue(report, bytes, confirmed, false);
  }

  /** As `add`, for what may wait some milliseconds for company. */
  addLazily(report: Report, bytes: number): QueuedReport {
    return this.queue(report, bytes, ignore, true);
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

  private queue(report: Report, bytes: number, confirmed: () => void, lazy: boolean): QueuedReport {
    const mailbox = this.mailboxOf(report.shard);
    const queued: QueuedReport = { report, bytes, state: "waiting", confirmed };
    mailbox.waiting.push(queued);
    this.open++;
    if (!mailbox.sending) this.schedule(mailbox, lazy ? LAZY_MS : 0);
    return queued;
  }

  private mailboxOf(shard: number): Mailbox {
    let mailbox = this.mailboxes.get(shard);
    if (!mailbox) {
      mailbox = { shard, waiting: [], sending: false, sentAt: -Infinity, timer: null, due: Infinity };
      this.mailboxes.set(shard, mailbox);
    }
    return mailbox;
  }

  private schedule(mailbox: Mailbox, patienceMs: number): void {
    const now = this.clock.now();
    const due = Math.max(now + patienceMs, mailbox.sentAt + GATHER_MS);
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
    const batch = takeBatch(mailbox.waiting);
    if (batch.length > 0) void this.send(mailbox, batch);
  }

  private async send(mailbox: Mailbox, batch: QueuedReport[]): Promise<void> {
    mailbox.sending = true;
    mailbox.sentAt = this.clock.now();
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
    if (mailbox.waiting.length > 0) this.schedule(mailbox, 0);
  }

  private settle(count: number): void {
    this.open -= count;
    if (this.open > 0) return;
    const waiters = this.quietWaiters;
    this.quietWaiters = [];
    for (const quiet of waiters) quiet();
  }
}

/** The next reports that fit into one message, in order; at least one, however large. */
const takeBatch = (waiting: QueuedReport[]): QueuedReport[] => {
  const batch: QueuedReport[] = [];
  let bytes = 0;
  let taken = 0;
  for (const queued of waiting) {
    const stays = queued.state === "waiting";
    if (stays && (batch.length >= MAX_REPORTS || (batch.length > 0 && bytes + queued.bytes > MAX_BYTES))) break;
    taken++;
    if (!stays) continue;
    queued.state = "sent";
    bytes += queued.bytes;
    batch.push(queued);
  }
  waiting.splice(0, taken);
  return batch;
};

const ignore = (): void => undefined;
