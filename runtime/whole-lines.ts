import { StringDecoder } from "node:string_decoder";
import type { Secrets } from "../core/secrets";

/** A line without an end is passed on in pieces of this many characters. */
export const MAX_LINE_CHARS = 16_000;

/** Output as it comes in pieces, passed on in whole lines: a secret that is cut in two would not be found. */
export class WholeLines {
  private readonly decoder = new StringDecoder("utf8");
  private rest = "";

  constructor(
    private readonly secrets: Secrets,
    /** Takes masked text: lines with their ends, the last one perhaps without. */
    private readonly pass: (text: string) => void,
  ) {}

  push(bytes: Buffer | string): void {
    const text = this.rest + (typeof bytes === "string" ? bytes : this.decoder.write(bytes));
    const end = text.lastIndexOf("\n") + 1;
    if (end > 0) this.pass(this.secrets.mask(text.slice(0, end)));
    this.rest = text.slice(end);
    if (this.rest.length <= MAX_LINE_CHARS) return;
    const { told, kept } = this.secrets.maskBegun(this.rest);
    this.rest = kept;
    if (told !== "") this.pass(told);
  }

  /** Passes on what has no end yet. */
  end(): void {
    const rest = this.rest + this.decoder.end();
    this.rest = "";
    if (rest !== "") this.pass(this.secrets.mask(rest));
  }
}
