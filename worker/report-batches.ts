import type { Report } from "../core/messages";
import type { Clock, ExecutorPorts, Timer } from "./ports";

/** Under load, reports that follow each other within this time travel together. */
const GATHER_MS = 5;
/** A message with so many reports speaks of load. */
const LOAD_REPORTS = 4;
/** How long a step's start is kept back: those that travel in bundles have ended by then, and their end says it all. */
const LAZY_MS = 20;
const MAX_REPORTS = 500;
const MAX_BYTES = 1024 * 1024;
/** Of one report of items. */
const MAX_ITEMS = 200;
const MAX_ITEMS_BYTES = 256 * 1024;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;

interface QueuedReport {
  readonly report: Report;
  bytes: number;
  /** Told once the broker has it. */
  readonly confirmed: (() => void)[];
}

/** A report that is kept back, since it may become needless; it is made only when it is sent. */
export class KeptReport {
  private kept = true;

  constructor(
    private readonly make: () => Report,
    private readonly bytes: number,
    readonly due: number,
    private readonly batches: ReportBatches,
  ) {}

  /** Keeps it back no longer: what is said next builds upon it. */
  send(): void {
    if (!this.kept) return;
    this.kept = false;
    this.batches.add(this.make(), this.bytes);
  }

  /** It has become needless. */
  drop(): void {
    this.kept = false;
  }
}

type Items = Extract<Report, { type: "items" }>;

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
 * Gathers reports by shard: sent at once when the shard is idle, after some ms under load. One message of a shard is on
 * its way at a time, since the order of a generator's items is the order in which they are committed. What is sent is
 * kept and sent again until it is confirmed.
 */
export class ReportBatches {
  private readonly mailboxes = new Map<number, Mailbox>();
  /** Reports that are kept back, roughly in the order in which they are due. */
  private kept: KeptReport[] = [];
  private quietWaiters: (() => void)[] = [];
  private open = 0;

  constructor(
    private readonly clock: Clock,
    private readonly ports: Pick<ExecutorPorts, "report" | "warn">,
  ) {}

  /** `bytes`: what it weighs in a message, roughly. `confirmed` is called once the broker has it. */
  add(report: Report, bytes: number, confirmed?: () => void): void {
    this.enter({ report, bytes, confirmed: confirmed ? [confirmed] : [] });
  }

  /** As `add`. Items of a dispatch between which it says nothing else become one report. */
  addItems(report: Items, bytes: number, confirmed: () => void): void {
    const last = this.mailboxes.get(report.shard)?.waiting.at(-1);
    const joined = last?.report;
    const joins =
      joined?.type === "items" &&
      joined.fence === report.fence &&
      joined.items.length + report.items.length <= MAX_ITEMS &&
      last!.bytes + bytes <= MAX_ITEMS_BYTES;
    if (!joins) return this.add(report, bytes, confirmed);
    joined.items.push(...report.items);
    last!.bytes += bytes;
    last!.confirmed.push(confirmed);
  }

  /** Keeps a report of something that happened at `since` back for some milliseconds, until then it can be dropped. */
  addLazily(make: () => Report, bytes: number, since: number): KeptReport {
    const now = this.clock.now();
    const due = Math.min(now, since) + LAZY_MS;
    if (this.kept.length === 0) this.clock.after(Math.max(0, due - now), () => this.sendDue());
    const kept = new KeptReport(make, bytes, due, this);
    this.kept.push(kept);
    return kept;
  }

  /** Resolves when every report has been confirmed. */
  quiet(): Promise<void> {
    return this.open === 0 ? Promise.resolve() : new Promise((resolve) => this.quietWaiters.push(resolve));
  }

  private sendDue(): void {
    const now = this.clock.now();
    let due = 0;
    while (due < this.kept.length && this.kept[due]!.due <= now) this.kept[due++]!.send();
    this.kept = this.kept.slice(due);
    const next = this.kept[0];
    if (next) this.clock.after(next.due - now, () => this.sendDue());
  }

  private enter(queued: QueuedReport): void {
    const mailbox = this.mailboxOf(queued.report.shard);
    mailbox.waiting.push(queued);
    this.open++;
    if (!mailbox.sending) this.schedule(mailbox);
  }

  private mailboxOf(shard: number): Mailbox {
    let mailbox = this.mailboxes.get(shard);
    if (!mailbox) {
      mailbox = { shard, waiting: [], sending: false, sentAt: -Infinity, sentReports: 0, timer: null, due: Infinity };
      this.mailboxes.set(shard, mailbox);
    }
    return mailbox;
  }

  private schedule(mailbox: Mailbox): void {
    const now = this.clock.now();
    const gathered = mailbox.sentReports >= LOAD_REPORTS ? mailbox.sentAt + GATHER_MS : 0;
    const due = Math.max(now, gathered);
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
    const batch = takeBatch(mailbox);
    if (batch.length > 0) void this.send(mailbox, batch);
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
    for (const { confirmed } of batch) for (const tell of confirmed) tell();
    this.settle(batch.length);
    if (mailbox.waiting.length > 0) this.schedule(mailbox);
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
const takeBatch = (mailbox: Mailbox): QueuedReport[] => {
  let bytes = 0;
  let taken = 0;
  for (const queued of mailbox.waiting) {
    if (taken >= MAX_REPORTS || (taken > 0 && bytes + queued.bytes > MAX_BYTES)) break;
    bytes += queued.bytes;
    taken++;
  }
  const batch = mailbox.waiting.slice(0, taken);
  mailbox.waiting = mailbox.waiting.slice(taken);
  return batch;
};
