import type { LogLine } from "../core/messages";
import type { Secrets } from "../core/secrets";
import type { StepEnding, OutputRecord, StepMessage, StepTask } from "../runtime/step-messages";
import { MAX_LINE_CHARS } from "../runtime/whole-lines";
import type { PoolStep, StepOutcome, StepPlace } from "./ports";

type Stream = LogLine["stream"];

/** A line that has no end yet. */
interface OpenLine {
  at: number;
  level: LogLine["level"];
  text: string;
}

/** The beginning of an escape sequence of which the end has not come: apart, neither would be one. */
const BEGUN_ESCAPE = /\u001b(\[[\d;]{0,30})?$/;

/** What a step process is told in answer to its messages. */
export interface Answers {
  taken(step: RunningStep, items: number, bytes: number): void;
  page(step: RunningStep, request: number, input: string, offset: number): void;
}

/** A step in a step process, as the pool sees it. */
export class RunningStep {
  begunAt: number | null = null;
  /** null: it was given to no process yet. */
  place: StepPlace | null = null;
  /** It has been told to end: what it does now is no fault of its own. */
  aborted = false;
  ended = false;
  /** How long its process may live on after its signal, in ms; null: it has none yet. */
  graceMs: number | null = null;
  /** When its process is killed if it goes on, by the monotonic clock; null: nobody has asked it to end. */
  killAt: number | null = null;
  graceTimer: NodeJS.Timeout | null = null;
  private records = 0;
  private ending: { records: number; ending: StepEnding } | null = null;
  private readonly open = new Map<Stream, OpenLine>();

  constructor(
    readonly id: number,
    private readonly step: PoolStep,
    /** Masked in what it writes; what it tells otherwise comes masked. */
    private readonly secrets: Secrets,
  ) {}

  get name(): string {
    return this.step.action.step;
  }

  task(): StepTask {
    const { action, inputs } = this.step;
    // In place of the action's inputs, as they were fetched.
    return { ...action, id: this.id, inputs };
  }

  /** It was found to have begun. */
  begun(at: number): void {
    this.begunAt = at;
    this.step.on.begun(at, this.place!);
  }

  /** A record of the pipe. True: the step has ended with it. */
  record(record: OutputRecord): boolean {
    this.records++;
    this.output(record);
    return this.endIfComplete();
  }

  /** Output that did not come as a record. */
  raw(stream: "stdout" | "stderr", text: string): void {
    this.output([this.id, Date.now(), stream, stream === "stdout" ? "info" : "error", text]);
  }

  /** A message over IPC. True: the step has ended with it. */
  message(message: StepMessage, answers: Answers): boolean {
    const { on } = this.step;
    switch (message.type) {
      case "item":
        on.item(message.key, message.value, () => answers.taken(this, 1, message.value.bytes));
        return false;
      case "progress":
        on.progress(message.at, message.fraction, message.message);
        return false;
      case "get_page":
        answers.page(this, message.request, message.input, message.offset);
        return false;
      case "ended":
        this.ending = { records: message.records, ending: message.ending };
        return this.endIfComplete();
    }
  }

  page(input: string, offset: number): ReturnType<PoolStep["on"]["page"]> {
    return this.step.on.page(input, offset);
  }

  end(outcome: StepOutcome): void {
    if (this.ended) return;
    this.ended = true;
    if (this.graceTimer) clearTimeout(this.graceTimer);
    const rest = [...this.open].map(([stream, line]) => ({ ...line, stream, text: this.secrets.mask(line.text) }));
    if (rest.length > 0) this.step.on.lines(rest);
    this.step.on.ended(outcome, this.place);
  }

  /** What it said of its end, where the process died before its last records had come. */
  get saidEnding(): StepEnding | null {
    return this.ending?.ending ?? null;
  }

  /** IPC and the record pipe are two ways; the end counts once all that was written before it has been read. */
  private endIfComplete(): boolean {
    if (!this.ending || this.records < this.ending.records || this.ended) return false;
    this.end(this.ending.ending);
    return true;
  }

  private output([, at, stream, level, text]: OutputRecord): void {
    if (stream === "log") return this.step.on.lines([{ at, stream, level, text }]);
    const pieces = text.split("\n");
    const rest = pieces.pop()!;
    const open = this.open.get(stream);
    const lines: LogLine[] = [];
    pieces.forEach((piece, index) => {
      const start = index === 0 ? open : undefined;
      const whole = this.secrets.mask((start?.text ?? "") + piece);
      lines.push({ at: start?.at ?? at, stream, level: start?.level ?? level, text: whole.replace(/\r$/, "") });
    });
    const begun = pieces.length === 0 ? open : undefined;
    const line = { at: begun?.at ?? at, level: begun?.level ?? level, text: (begun?.text ?? "") + rest };
    if (line.text.length > MAX_LINE_CHARS) {
      const { told, kept } = this.secrets.maskBegun(line.text);
      const [begun = ""] = BEGUN_ESCAPE.exec(told) ?? [];
      const passed = told.slice(0, told.length - begun.length);
      if (passed !== "") lines.push({ ...line, stream, text: passed });
      line.text = begun + kept;
    }
    if (line.text === "") this.open.delete(stream);
    else this.open.set(stream, line);
    if (lines.length > 0) this.step.on.lines(lines);
  }
}
