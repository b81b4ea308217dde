import { memo, type ReactNode, useMemo, useState } from "react";
import type { Json, NumberedLogLine } from "../../../../client";
import { counted, timeOfDay, type Zone } from "../../../parts/format";
import { Icon } from "../../../parts/icon";
import { JsonTree } from "../../../parts/json-tree";
import { StepKey } from "../step-key";
import { KINDS } from "./log-filter";
import { LineText } from "./line-text";
import { MOST_SHOWN, WholeLine } from "./whole-line";

interface Props {
  line: NumberedLogLine;
  pattern: RegExp | null;
  zone: Zone;
  /** It is the one that the address or the search names. */
  chosen: boolean;
  /** So many lines before it are not shown. */
  before: number;
  choose(number: number): void;
}

const kindOf = ({ stream, level }: NumberedLogLine): (typeof KINDS)[number] =>
  KINDS.find(({ kind }) => kind === (stream === "log" ? level : stream))!;

const timeOf = (at: string, zone: Zone): string => `${timeOfDay(Date.parse(at), zone, true)}.${at.slice(20, 23)}`;

/** Objects and lists alone: a line that is a number is a line. */
const valueOf = (text: string): Json | undefined => {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
};

/** A line: its number leads to it, its text alone is copied. */
export const LogRow = memo(({ line, pattern, zone, chosen, before, choose }: Props): ReactNode => {
  const [open, setOpen] = useState(false);
  const { kind, word } = kindOf(line);
  const value = useMemo(() => valueOf(line.text), [line.text]);
  const title = `${line.step}, attempt ${line.attempt}`;
  return (
    <>
      <div
        role="gridcell"
        className={`lg v-${kind} ${chosen ? "cur" : ""} ${before > 0 ? "after-gap" : ""}`}
        {...(before > 0 && { title: `${counted(before, "line")} not shown before this one` })}
      >
        <a
          className="no num"
          tabIndex={-1}
          href={`#L${line.number}`}
          onClick={(event) => {
            event.preventDefault();
            choose(line.number);
          }}
        >
          <span className="sr">Line </span>
          {line.number.toLocaleString("en-US").replaceAll(",", "\u2009")}
        </a>
        <time className="ts num" dateTime={line.at}>
          {timeOf(line.at, zone)}
        </time>
        <span className="sp stepkey" title={title}>
          <StepKey of={line.step} />
        </span>
        <span className="lv">{word}</span>
        {value !== undefined && (
          <button
            type="button"
            tabIndex={-1}
            className="twist"
            aria-expanded={open}
            aria-label={`Line ${line.number} as a tree`}
            onClick={() => setOpen(!open)}
          >
            <Icon name={open ? "chevronDown" : "chevronRight"} size={11} />
          </button>
        )}
        <code>
          <LineText text={line.text.slice(0, MOST_SHOWN)} pattern={pattern} />
        </code>
        {line.text.length > MOST_SHOWN && <WholeLine text={line.text} number={line.number} />}
      </div>
      {open && value !== undefined && (
        <div className="tree" role="gridcell">
          <JsonTree value={value} />
        </div>
      )}
    </>
  );
});
