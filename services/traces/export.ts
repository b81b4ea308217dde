import { hostname } from "node:os";
import { randomUUID } from "node:crypto";
import { type HrTime, type Link, SpanKind, SpanStatusCode, TraceFlags } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { detectResources, envDetector, type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from "@opentelemetry/sdk-trace";
import { packageVersion } from "../version";
import { within } from "../in-time";
import type { TraceCollector } from "../telemetry-settings";
import { Sampling } from "./sampling";
import type { Span, SpanLink, Traces } from "./traces";

/** Where traces go, to the `/v1/traces` of the endpoint, and of what process they tell. */
export interface TraceTarget extends TraceCollector {
  namespace: string;
  roles: readonly string[];
}

/** Traces that leave this process. */
export interface OpenTraces extends Traces {
  /** To whom it is said, once, when the collector cannot be reached, and when it can be again. */
  sayTo(log: TraceLog): void;
  /** Sends what is left; what the collector has not taken after 2 s is dropped. */
  close(): Promise<void>;
}

interface TraceLog {
  warn(message: string): void;
  info(message: string): void;
}

const CLOSE_MS = 2_000;
const DELAY_MS = 1_000;
/** Some seconds of a busy process. Beyond that spans are dropped until the collector has taken some. */
const MOST_WAITING = 20_000;
/** OpenTelemetry's own limit of a span's links. A tick may launch 10,000 runs, each of which has a link back. */
const MOST_LINKS = 128;
const SILENT: TraceLog = { warn: () => undefined, info: () => undefined };

/** Sends spans to an OpenTelemetry collector, in batches and behind everybody's back. */
export const openTraces = ({ endpoint, headers, sampler, ratio, namespace, roles }: TraceTarget): OpenTraces => {
  let log = SILENT;
  const url = `${endpoint.replace(/\/$/, "")}/v1/traces`;
  const exporter = saidOnce(new OTLPTraceExporter({ url, headers }), {
    failed: (why) => log.warn(`Traces cannot be sent to the collector (${why}). They are dropped until they can.`),
    recovered: () => log.info("Traces are sent to the collector again."),
  });
  const processor = new BatchSpanProcessor({ exporter, maxQueueSize: MOST_WAITING, scheduledDelayMillis: DELAY_MS });
  const resource = resourceOf(namespace, roles);
  const sampling = new Sampling(sampler, ratio);
  const isKept = ({ trace, caller }: Span): boolean =>
    caller === undefined ? sampling.keeps(trace) : sampling.keepsBelow(trace, caller);
  return {
    add: (span) => {
      if (isKept(span)) processor.onEnd(readable(span, resource));
    },
    keeps: (trace) => sampling.keeps(trace),
    sayTo: (told) => void (log = told),
    close: () => within(CLOSE_MS, processor.shutdown()),
  };
};

const resourceOf = (namespace: string, roles: readonly string[]): Resource =>
  resourceFromAttributes({
    "service.name": "dqueue",
    "service.namespace": namespace,
    "service.version": packageVersion(),
    "service.instance.id": randomUUID(),
    "host.name": hostname(),
    "process.pid": process.pid,
    "dqueue.roles": [...roles],
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
  }).merge(detectResources({ detectors: [envDetector] }));

/** To whoever waits for an export all of them succeed: that one has failed is said once, and troubles nobody else. */
const saidOnce = (exporter: SpanExporter, say: { failed(why: string): void; recovered(): void }): SpanExporter => {
  let failing = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const failed = result.code !== SUCCESS;
        if (failed && !failing) say.failed(result.error?.message || "it does not answer");
        if (!failed && failing) say.recovered();
        failing = failed;
        done({ code: SUCCESS });
      }),
    shutdown: () => exporter.shutdown(),
  };
};

/** `ExportResultCode.SUCCESS`. */
const SUCCESS = 0;

const KINDS = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, consumer: SpanKind.CONSUMER } as const;

const readable = (span: Span, resource: Resource): ReadableSpan => {
  const { trace, parent, start, failure, links = [] } = span;
  const end = Math.max(start, span.end);
  const context = contextOf({ trace, span: span.id });
  return {
    name: span.name,
    kind: KINDS[span.kind],
    spanContext: () => context,
    parentSpanContext: parent === null ? undefined : contextOf({ trace, span: parent }),
    startTime: timeOf(start),
    endTime: timeOf(end),
    duration: timeOf(end - start),
    ended: true,
    status: failure === null ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: failure },
    attributes: span.attributes,
    events: (span.events ?? []).map(({ at, name, attributes }) => ({ time: timeOf(at), name, attributes })),
    links: links.slice(0, MOST_LINKS).map((link): Link => ({ context: contextOf(link) })),
    resource,
    instrumentationScope: { name: `dqueue/${span.part}` },
    ...{ droppedAttributesCount: 0, droppedEventsCount: 0 },
    droppedLinksCount: Math.max(0, links.length - MOST_LINKS),
  };
};

const contextOf = ({ trace, span }: SpanLink) => ({
  traceId: trace,
  spanId: span,
  traceFlags: TraceFlags.SAMPLED,
});

/** Seconds and nanoseconds, of ms that may have a fraction. */
const timeOf = (ms: number): HrTime => {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1e6)];
};
