const MINUTES = 60;
const MINUTE_MS = 60_000;

/** A figure of this process over its last hour, kept here alone: the mean of each minute, of which the last goes on. */
export class LastHour {
  private readonly minutes: { minute: number; sum: number; samples: number }[] = [];

  /** @param at in ms, on a clock that only rises. */
  add(value: number, at: number): void {
    const minute = Math.floor(at / MINUTE_MS);
    const latest = this.minutes.at(-1);
    if (latest?.minute === minute) {
      latest.sum += value;
      latest.samples++;
      return;
    }
    // A process that stood still took no samples: the first one afterwards is the mean of all that time.
    const first = Math.max(latest ? latest.minute + 1 : minute, minute - MINUTES + 1);
    for (let next = first; next <= minute; next++) this.minutes.push({ minute: next, sum: value, samples: 1 });
    this.minutes.splice(0, this.minutes.length - MINUTES);
  }

  /** Oldest first; fewer than sixty where it is younger than an hour. */
  means(): number[] {
    return this.minutes.map(({ sum, samples }) => Math.round((sum / samples) * 10) / 10);
  }
}
