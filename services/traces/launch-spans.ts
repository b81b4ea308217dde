import { newSpanId, rootSpanId, traceIdOf } from "./ids";
import type { Span, Traces } from "./traces";

/** Of W3C Trace Context, version 00 and what later ones have in common with it. */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-.*)?$/;

export interface LaunchRequest {
  /** "POST /api/runs" */
  name: string;
  /** The header by which the caller names its own span. */
  traceparent: unknown;
  start: number;
  end: number;
}

/**
 * Tells the request that has launched a run in the run's trace; and in the caller's, where it has one and keeps it. Each
 * has a link to the other.
 */
export const traceLaunch = (traces: Traces, run: string, request: LaunchRequest): void => {
  const { name, start, end, traceparent } = request;
  const [, trace, span, flags = ""] = (typeof traceparent === "string" && TRACEPARENT.exec(traceparent)) || [];
  const common = { part: "api", kind: "server", name, start, end, failure: null } as const;
  const attributes = { "dqueue.run": run };
  const told: Span = { ...common, trace: traceIdOf(run), id: newSpanId(), parent: rootSpanId(run), attributes };
  if (trace === undefined || span === undefined) return traces.add(told);
  traces.add({ ...told, links: [{ trace, span }] });
  const isKept = (parseInt(flags, 16) & 1) === 1;
  if (!isKept) return;
  traces.add({
    ...{ ...common, trace, id: newSpanId(), parent: span, caller: span, attributes },
    links: [{ trace: traceIdOf(run), span: rootSpanId(run) }],
  });
};
