import { pairs, url } from "./setting-readers";
import { spec } from "./setting-spec";

/** What a process tells to those who watch it, beside its figures. */
export const TELEMETRY_SETTINGS = {
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
    read: pairs,
    allowed: "name=value pairs separated by commas, values percent-encoded, e.g. authorization=Basic%20abc",
    fallback: {},
    fallbackText: "none",
    about: "headers that the collector wants, e.g. `authorization=Basic%20…`",
    secret: "whole",
    shared: true,
  }),
} as const;
