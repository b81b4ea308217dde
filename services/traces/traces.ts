import type { StepError } from "../../core/errors";

/** What became of something, and when. Times are ms since the epoch. */
export interface Span {
  trace: string;
  id: string;
  /** null: the root of its trace. */
  parent: string | null;
  /** The part of dqueue that tells it. */
  part: "api" | "coordinator" | "sensors" | "worker";
  kind: "internal" | "server" | "consumer";
  /** One of few: ids stand in the attributes. */
  name: string;
  start: number;
  end: number;
  /** What failed it; null: nothing. */
  failure: string | null;
  attributes: Attributes;
  events?: SpanEvent[];
  links?: SpanLink[];
  /** Of a span in a caller's trace: the caller's own, which the caller keeps. */
  caller?: string;
}

export type Attributes = Record<string, string | number | string[]>;

export interface SpanEvent {
  at: number;
  name: string;
  attributes: Attributes;
}

/** A span of another trace. */
export interface SpanLink {
  trace: string;
  span: string;
}

/** Where spans go. */
export interface Traces {
  /** Never waits and never fails: what cannot be sent, or is of a trace that is not kept, is dropped. */
  add(span: Span): void;
  /** Whether what is told of a run's trace is sent. */
  keeps(trace: string): boolean;
}

/** An error as OpenTelemetry's conventions have it. */
export const exceptionAt = (at: number, { name, message, stack }: StepError): SpanEvent => ({
  at,
  name: "exception",
  attributes: {
    "exception.type": name,
    "exception.message": message,
    ...(stack !== undefined && { "exception.stacktrace": stack }),
  },
});
