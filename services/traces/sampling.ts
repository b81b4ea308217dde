import { ROOT_CONTEXT, SpanKind, trace, TraceFlags } from "@opentelemetry/api";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";
import type { SamplerName } from "../telemetry-settings";

/** Which traces are kept. Decided by a trace's id alone, so that all processes decide alike and a run is told as a whole. */
export class Sampling {
  private readonly sampler: Sampler;

  /** @param ratio the share that samplers by ratio keep, 0 to 1. */
  constructor(name: SamplerName, ratio: number) {
    this.sampler = samplerOf(name, ratio);
  }

  /** Whether the trace of a run is kept. */
  keeps(traceId: string): boolean {
    return this.decide(ROOT_CONTEXT, traceId);
  }

  /** Whether a span is kept whose parent is a caller's, which the caller keeps. */
  keepsBelow(traceId: string, spanId: string): boolean {
    const caller = { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
    return this.decide(trace.setSpanContext(ROOT_CONTEXT, caller), traceId);
  }

  private decide(context: typeof ROOT_CONTEXT, traceId: string): boolean {
    const { decision } = this.sampler.shouldSample(context, traceId, "", SpanKind.INTERNAL, {}, []);
    return decision === SamplingDecision.RECORD_AND_SAMPLED;
  }
}

const samplerOf = (name: SamplerName, ratio: number): Sampler => {
  const kind = name.replace("parentbased_", "");
  const byRatio = kind === "traceidratio" ? new TraceIdRatioBasedSampler(ratio) : null;
  const root = byRatio ?? (kind === "always_off" ? new AlwaysOffSampler() : new AlwaysOnSampler());
  return kind === name ? root : new ParentBasedSampler({ root });
};
