import type { CallingOptions } from "moleculer";

/** The context of one item, ready to be spread into the options of the call that performs it. */
export type ItemContext = Pick<CallingOptions, "meta" | "requestID" | "parentSpan" | "caller">;

/** A message as the receiver sees it: items and their contexts at the same positions. */
export interface Incoming {
  action: string;
  items: unknown[];
  contexts: ItemContext[];
}

/** The wire format's version. A reader refuses any other. */
const VERSION = 1;

type WireSpan = [id: string, traceID: string, sampled: boolean];
type WireItem = [
  params: unknown,
  meta?: object | null,
  requestID?: string | null,
  span?: WireSpan | null,
  caller?: string | null,
];

/** One item as JSON, encoded when it is dispatched: a later change of the caller's object does not travel. */
export const encodeItem = (params: unknown, context: ItemContext): string => {
  const span = context.parentSpan;
  const item: WireItem = [params ?? null];
  if (context.meta || context.requestID || span || context.caller) {
    item.push(context.meta ?? null, context.requestID ?? null);
    item.push(span ? [span.id, span.traceID, span.sampled] : null, context.caller ?? null);
  }
  return JSON.stringify(item);
};

export const encodeMessage = (action: string, items: readonly string[]): Buffer =>
  Buffer.from(`{"v":${VERSION},"a":${JSON.stringify(action)},"i":[${items.join(",")}]}`);

/** Reads a message; a string says why it cannot be read. */
export const decodeMessage = (body: Buffer): Incoming | string => {
  let message: { v?: unknown; a?: unknown; i?: unknown };
  try {
    message = JSON.parse(body.toString()) as typeof message;
  } catch {
    return "it is not JSON";
  }
  if (typeof message !== "object" || message === null) return "it is not an object";
  if (message.v !== VERSION)
    return `its version is ${JSON.stringify(message.v) ?? "absent"}, this node reads ${VERSION}`;
  if (typeof message.a !== "string") return "it names no action";
  if (!Array.isArray(message.i) || message.i.length === 0) return "it has no items";
  if (!message.i.every((item) => Array.isArray(item) && item.length > 0)) return "one of its items is not a list";
  const items = message.i as WireItem[];
  return { action: message.a, items: items.map((item) => item[0]), contexts: items.map(contextOf) };
};

const contextOf = ([, meta, requestID, span, caller]: WireItem): ItemContext => {
  const context: ItemContext = {};
  if (meta) context.meta = meta;
  if (requestID) context.requestID = requestID;
  if (Array.isArray(span)) context.parentSpan = { id: span[0], traceID: span[1], sampled: span[2] };
  if (caller) context.caller = caller;
  return context;
};
