import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

/** A span as it came, by the words of its protocol. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  /** Code 2: an error. */
  status: { code: number; message?: string };
  attributes: Record<string, unknown>;
  events: { name: string; attributes: Record<string, unknown> }[];
  links: { traceId: string; spanId: string }[];
  /** The part that told it, and the process. */
  scope: string;
  resource: Record<string, unknown>;
}

/** An OpenTelemetry collector (OTLP over HTTP, JSON) that keeps what it is sent. */
export interface Collector {
  readonly url: string;
  readonly spans: ReceivedSpan[];
  /** Headers of the requests. */
  readonly headers: Record<string, unknown>[];
  /** With what it answers from now on; null: not at all. */
  answer: number | null;
  /** Resolves once what it has fits; looks whenever something has come. */
  until(fits: (spans: ReceivedSpan[]) => boolean): Promise<void>;
  stop(): void;
}

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}

export const startCollector = async (): Promise<Collector> => {
  const server = createServer(async (request, response) => {
    const body = (await json(request)) as Exported;
    collector.headers.push({ ...request.headers, path: `${request.method} ${request.url}` });
    if (collector.answer === 200) collector.spans.push(...spansOf(body));
    if (collector.answer !== null)
      response.writeHead(collector.answer, { "content-type": "application/json" }).end("{}");
    server.emit("came");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const collector: Collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: [],
    headers: [],
    answer: 200,
    until: async (fits) => {
      while (!fits(collector.spans)) await once(server, "came");
    },
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return collector;
};

interface Exported {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: { scope: { name: string }; spans: (Omit<ReceivedSpan, "attributes" | "events"> & Raw)[] }[];
  }[];
}
interface Raw {
  attributes: Attribute[];
  events: { name: string; attributes: Attribute[] }[];
}

const spansOf = ({ resourceSpans }: Exported): ReceivedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({
        ...span,
        attributes: plain(span.attributes),
        events: span.events.map(({ name, attributes }) => ({ name, attributes: plain(attributes) })),
        scope: scope.name,
        resource: plain(resource.attributes),
      })),
    ),
  );

const plain = (attributes: Attribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
