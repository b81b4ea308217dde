import type { ServiceBroker } from "moleculer";
import type { Metric, Registry } from "prom-client";

interface Shown {
  /** As Moleculer names it. */
  of: string;
  name: string;
  help: string;
  type: "counter" | "gauge" | "histogram";
}

/** What of Moleculer's own figures is shown, by names and in units that Prometheus takes. */
const SHOWN: readonly Shown[] = [
  { of: "request.total", name: "requests_total", help: "Calls of actions.", type: "counter" },
  { of: "request.active", name: "requests_active", help: "Calls of actions under way.", type: "gauge" },
  { of: "request.error.total", name: "request_errors_total", help: "Calls of actions that failed.", type: "counter" },
  { of: "request.timeout.total", name: "request_timeouts_total", help: "Calls given up.", type: "counter" },
  { of: "request.time", name: "request_duration_seconds", help: "Durations of calls.", type: "histogram" },
  { of: "event.received.total", name: "events_received_total", help: "Events heard.", type: "counter" },
  {
    of: "event.received.error.total",
    name: "event_errors_total",
    help: "Events whose hearer failed.",
    type: "counter",
  },
  { of: "event.received.time", name: "event_duration_seconds", help: "How long hearers took.", type: "histogram" },
  { of: "transit.publish.total", name: "packets_sent_total", help: "Packets sent by kind.", type: "counter" },
  { of: "transit.receive.total", name: "packets_received_total", help: "Packets received by kind.", type: "counter" },
  { of: "transporter.packets.sent.bytes", name: "sent_bytes_total", help: "Bytes of packets sent.", type: "counter" },
  {
    of: "transporter.packets.received.bytes",
    name: "received_bytes_total",
    help: "Bytes of packets received.",
    type: "counter",
  },
  { of: "registry.nodes.online.total", name: "nodes_online", help: "Nodes that this one knows.", type: "gauge" },
];

/** For the broker's options: it counts for us, and tells nobody by itself. */
export const MOLECULER_METRICS = { enabled: true, collectProcessMetrics: false, reporter: false } as const;

/** Shows Moleculer's own figures of a broker beside ours. */
export const showMoleculerMetrics = (broker: ServiceBroker, registry: Registry): void => {
  for (const shown of SHOWN) {
    const name = `moleculer_${shown.name}`;
    const get = (): object => ({ name, help: shown.help, type: shown.type, values: valuesOf(broker, name, shown) });
    // What a registry asks of a metric is its name and `get`.
    registry.registerMetric({ name, get: () => Promise.resolve(get()) } as unknown as Metric);
  }
};

interface Item {
  labels: Record<string, string | number | null | undefined>;
  /** Of counters and gauges. */
  value: number;
  /** Of histograms, in ms. */
  count: number;
  sum: number;
  buckets: Record<string, number>;
}
interface Value {
  metricName?: string;
  labels: Record<string, string>;
  value: number;
}

const valuesOf = (broker: ServiceBroker, name: string, { of, type }: Shown): Value[] => {
  const metric = broker.metrics.getMetric(`moleculer.${of}`) as unknown as { generateSnapshot(): Item[] } | null;
  const items = metric?.generateSnapshot() ?? [];
  if (type === "histogram") return items.flatMap((item) => histogram(name, item));
  return items.map(({ labels, value }) => ({ labels: named(labels), value }));
};

const histogram = (name: string, { labels: given, count, sum, buckets }: Item): Value[] => {
  const labels = named(given);
  const bounds = Object.entries(buckets).sort(([a], [b]) => Number(a) - Number(b));
  return [
    ...bounds.map(([ms, value]) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le: String(Number(ms) / 1_000) },
      value,
    })),
    { metricName: `${name}_bucket`, labels: { ...labels, le: "+Inf" }, value: count },
    { metricName: `${name}_sum`, labels, value: sum / 1_000 },
    { metricName: `${name}_count`, labels, value: count },
  ];
};

const named = (labels: Item["labels"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      String(value ?? ""),
    ]),
  );
