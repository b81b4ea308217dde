import { createHash, randomBytes } from "node:crypto";

// Ids are made of what every process knows of a run anyway: nothing of a trace has to travel beside the work.

/** The trace of a run, or of a tick: its id without the dashes. */
export const traceIdOf = (id: string): string => id.replaceAll("-", "");

/** The root of that trace: the half of the id that is random. */
export const rootSpanId = (id: string): string => traceIdOf(id).slice(16);

/** A step with all its attempts. */
export const stepSpanId = (run: string, step: string): string =>
  createHash("sha256").update(`${run} ${step}`).digest("hex").slice(0, 16);

/** One execution of a step: its fence, which no other of the run has. */
export const attemptSpanId = (fence: number): string => fence.toString(16).padStart(16, "0");

/** Of what is told of something in another's trace: nothing has to find it again. */
export const newSpanId = (): string => randomBytes(8).toString("hex");

/** How an execution of a step names itself to what it calls, and whether its trace is kept (W3C Trace Context). */
export const traceparentOf = (run: string, fence: number, kept: boolean): string =>
  `00-${traceIdOf(run)}-${attemptSpanId(fence)}-${kept ? "01" : "00"}`;
