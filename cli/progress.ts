import { SingleBar } from "cli-progress";
import type { DqueueClient, Run, RunEvent } from "../client";
import { inOneLine } from "./print";
import { StepCounts } from "./step-counts";
import { duration } from "./times";

const DRAW_MS = 250;

const STATUSES: Readonly<Record<string, string>> = {
  RUN_STARTING: "STARTING",
  RUN_START: "STARTED",
  RUN_CANCELING: "CANCELING",
};

/** A bar on stderr that shows how far a run is and which step is under way; nothing where that is no terminal. */
export class Progress {
  private readonly since = performance.now();
  private readonly counts = new StepCounts();
  private readonly bar = new SingleBar({
    format: "{bar} {value}/{total} steps · {status} · {took}{running}",
    barsize: 24,
    stream: process.stderr,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    clearOnComplete: true,
    hideCursor: true,
    gracefulExit: false,
  });
  private timer: NodeJS.Timeout | null = null;
  private status: string;

  constructor(
    private readonly client: DqueueClient,
    private readonly launched: Run,
  ) {
    this.status = launched.status;
  }

  start(): void {
    if (!process.stderr.isTTY) return;
    this.bar.start(1, 0, this.payload());
    this.timer = setInterval(() => this.draw(), DRAW_MS);
  }

  readonly heard = (event: RunEvent): void => {
    if (this.timer === null) return;
    this.counts.heard(event);
    this.status = STATUSES[event.type] ?? this.status;
    if (event.type === "RUN_START") void this.ask();
  };

  stop(): void {
    if (this.timer === null) return;
    clearInterval(this.timer);
    this.bar.stop();
  }

  private draw(): void {
    this.bar.setTotal(this.counts.total);
    this.bar.update(this.counts.done, this.payload());
  }

  private payload(): object {
    return { status: this.status, took: duration(performance.now() - this.since), running: this.shownSteps() };
  }

  private shownSteps(): string {
    const { running } = this.counts;
    const [first] = running;
    if (!first) return "";
    return ` · ${inOneLine(first.join(""))}${running.size > 1 ? ` and ${running.size - 1} more` : ""}`;
  }

  private async ask(): Promise<void> {
    try {
      const { runs } = this.client;
      const [run, graph] = await Promise.all([runs.get(this.launched.id), runs.graph(this.launched.id)]);
      this.counts.startFrom(run, graph);
    } catch {
      // The bar then shows what the events tell; whoever waits for the run's end finds out what is the matter.
    }
  }
}
