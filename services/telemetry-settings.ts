import { z } from "zod";
import { headers, url, yesOrNo } from "./setting-readers";
import { spec } from "./setting-spec";

/** As OpenTelemetry names them. */
const SAMPLERS = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;
export type SamplerName = (typeof SAMPLERS)[number];

/** Where traces go, and which. `ratio`: the share that samplers by ratio keep. */
export interface TraceCollector {
  endpoint: string;
  headers: Record<string, string>;
  sampler: SamplerName;
  ratio: number;
}

/** What a process tells to those who watch it, beside its figures. */
export const TELEMETRY_SETTINGS = {
  AMQP_MANAGEMENT_URL: spec<string | null>({
    read: url("http:", "https:"),
    allowed:
      "the HTTP URL of RabbitMQ's management API, e.g. http://user:password@host:15672 (%25 is a % in the password)",
    fallback: null,
    fallbackText: "not asked",
    about: "RabbitMQ's management API, for what AMQP does not tell: the unacknowledged messages of each queue",
    secret: true,
  }),
  DQUEUE_MOLECULER_METRICS: spec<boolean>({
    read: yesOrNo,
    allowed: "true or false",
    fallback: false,
    fallbackText: "`false`",
    about: "`true`: `/metrics` shows Moleculer's own figures too, of calls, events and packets",
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: spec<string | null>({
    read: url("http:", "https:"),
    allowed: "the HTTP URL of an OpenTelemetry collector, e.g. http://collector:4318",
    fallback: null,
    fallbackText: "no traces",
    about: "OpenTelemetry collector to which traces of runs are sent (OTLP over HTTP)",
    secret: true,
    shared: true,
  }),
  OTEL_EXPORTER_OTLP_HEADERS: spec<Record<string, string>>({
    read: headers,
    allowed: "name=value pairs separated by commas, values percent-encoded, e.g. authorization=Basic%20abc",
    fallback: {},
    fallbackText: "none",
    about: "headers that the collector wants, e.g. `authorization=Basic%20…`",
    secret: "whole",
    shared: true,
  }),
  OTEL_TRACES_SAMPLER: spec<SamplerName>({
    read: z.enum(SAMPLERS),
    allowed: `one of ${SAMPLERS.join(", ")}`,
    fallback: "parentbased_always_on",
    fallbackText: "`parentbased_always_on`",
    about: "which traces are sent: with `parentbased_traceidratio` a share of them, runs as wholes",
    shared: true,
  }),
  OTEL_TRACES_SAMPLER_ARG: spec<number>({
    read: z
      .string()
      .regex(/^\d*\.?\d+$/)
      .transform(Number)
      .pipe(z.number().max(1)),
    allowed: "a share from 0 to 1, e.g. 0.1",
    fallback: 1,
    fallbackText: "`1`",
    about: "the share of traces that the samplers of `OTEL_TRACES_SAMPLER` with `traceidratio` in their names keep",
    shared: true,
  }),
} as const;
