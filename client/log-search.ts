import type { LogLine } from "./types";

/** What a line is: the level of what an op logs, the stream of what it prints. */
export type LogKind = "error" | "warn" | "info" | "debug" | "stdout" | "stderr";

export interface LogFilter {
  /** A step, or all steps of an op. */
  step?: string;
  attempt?: number;
  /** That performed the attempts. */
  worker?: string;
  kind?: LogKind[];
  /** Written by this time, as an ISO date; by now if not given. */
  until?: string;
}

export interface LogSearchOptions extends LogFilter {
  q?: string;
  /** `plain` (the default) takes capital letters for small ones, `case` does not. */
  mode?: "plain" | "case" | "regex" | "case-regex";
  /** Id of a line: only what is behind it is counted and searched. */
  after?: string;
}

export interface NumberedLogLine extends LogLine {
  /** Among all lines behind the one that was asked from, counted from 1. */
  number: number;
}

/** How many lines a run has logged. */
export interface LogCount {
  lines: number;
  /** False: there are more. */
  complete: boolean;
}

export interface LogSearch {
  /** Lines of the run. */
  lines: number;
  /** Those of the filter: its rows, counted from 0. */
  shown: number;
  /** By kind, of the other filters. */
  kinds: Partial<Record<LogKind, number>>;
  /** Number and id of the lines in rows 499, 999, …: the next page of lines is behind them. */
  places: [number: number, id: string][];
  match_count: number;
  /** Rows that match, the first 10,000. */
  matches: number[];
  /** Rows of errors and of warnings, thinned out to about 300. */
  errors: number[];
  warnings: number[];
  /** Id of the last line of all; null: there is none. */
  last: string | null;
}
