import type { DqueueClient } from "../../../client";
import type { Link } from "./protocol";

const BEAT_MS = 10_000;
/** While something is wrong. */
const WORRIED_MS = 2_500;
const POLL_MS = 5_000;
/** A stream may take this long to open before polling takes its place. */
const OPENING_MS = 6_000;
const ANSWER_MS = 4_000;

interface Told {
  link(link: Link): void;
  refresh(): void;
}

/** How the link to the server is, by the stream and by a small question from time to time. */
export class Pulse {
  link: Link = { kind: "connecting" };
  private open = false;
  private closedAt = performance.now();
  private silentSince: number | null = null;
  private missed = 0;
  private ms: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private polled = 0;

  constructor(
    private readonly client: Pick<DqueueClient, "health">,
    private readonly told: Told,
  ) {
    void this.beat();
  }

  setOpen(open: boolean): void {
    if (!open && this.open) this.closedAt = performance.now();
    this.open = open;
    if (!open) return this.beatNow();
    this.silentSince = null;
    this.missed = 0;
    this.say();
  }

  beatNow(): void {
    clearTimeout(this.timer);
    void this.beat();
  }

  private async beat(): Promise<void> {
    const begun = performance.now();
    const answered = await this.client.health({ timeoutMs: ANSWER_MS }).then(
      () => true,
      () => false,
    );
    if (answered) this.ms = Math.round(performance.now() - begun);
    this.silentSince = answered ? null : (this.silentSince ?? Date.now());
    this.missed = answered ? 0 : this.missed + 1;
    this.say();
    if (this.link.kind === "polling" && performance.now() - this.polled >= POLL_MS - 100) {
      this.polled = performance.now();
      this.told.refresh();
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => void this.beat(),
      this.link.kind === "live" && this.missed === 0 ? BEAT_MS : WORRIED_MS,
    );
  }

  private say(): void {
    const link = this.now();
    if (link.kind === this.link.kind && JSON.stringify(link) === JSON.stringify(this.link)) return;
    this.link = link;
    this.told.link(link);
  }

  private now(): Link {
    // An open stream whose server does not answer: the network may have gone without a word. One answer may be late.
    if (this.silentSince !== null && this.missed >= (this.open ? 2 : 1))
      return { kind: "offline", since: this.silentSince };
    if (this.open) return { kind: "live", ms: this.ms };
    const answersAgain = this.link.kind === "offline";
    return answersAgain || performance.now() - this.closedAt > OPENING_MS ? { kind: "polling" } : this.link;
  }
}
