import type { CallingOptions } from "moleculer";
import { type Difference, differenceOf, withDifference } from "../core/difference";

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
/** The first item of a packet, whole, with its context. */
type WholeItem = [
  params: unknown,
  meta?: object | null,
  requestID?: string | null,
  span?: WireSpan | null,
  caller?: string | null,
];
/** A later one has the context of the item before it, and is told by what else differs. */
type WireItem = WholeItem | Difference;

/** Items as JSON that must stay together, in their order: the first is whole, each other told by its difference. */
export interface Packet {
  text: string;
  count: number;
  bytes: number;
}

/**
 * Items as JSON, encoded when they are dispatched: a later change of the caller's objects does not travel. Steps of one
 * run have all but a few fields in common, its config among them, which may be large: that travels once a packet.
 */
export const encodeItems = (
  items: readonly unknown[],
  context: ItemContext,
  limits: { bytes: number; count: number },
): Packet[] => {
  const packets: Packet[] = [];
  let open: Packet | undefined;
  items.forEach((item, index) => {
    const difference = open && open.count < limits.count ? differenceOf(items[index - 1], item) : null;
    const text = difference && JSON.stringify(difference);
    const bytes = text ? Buffer.byteLength(text) + 1 : 0;
    if (text && open!.bytes + bytes <= limits.bytes) {
      open!.text += `,${text}`;
      open!.bytes += bytes;
      open!.count++;
    } else {
      const whole = encodeItem(item, context);
      packets.push((open = { text: whole, bytes: Buffer.byteLength(whole), count: 1 }));
    }
  });
  return packets;
};

const encodeItem = (params: unknown, context: ItemContext): string => {
  const span = context.parentSpan;
  const item: WholeItem = [params ?? null];
  if (context.meta || context.requestID || span || context.caller) {
    item.push(context.meta ?? null, context.requestID ?? null);
    item.push(span ? [span.id, span.traceID, span.sampled] : null, context.caller ?? null);
  }
  return JSON.stringify(item);
};

export const encodeMessage = (action: string, packets: readonly Packet[]): Buffer =>
  Buffer.from(`{"v":${VERSION},"a":${JSON.stringify(action)},"i":[${packets.map(({ text }) => text).join(",")}]}`);

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
  return read(message.a, message.i as WireItem[]);
};

const read = (action: string, wire: readonly WireItem[]): Incoming | string => {
  const items: unknown[] = [];
  const contexts: ItemContext[] = [];
  for (const item of wire) {
    if (isWhole(item)) {
      items.push(item[0]);
      contexts.push(contextOf(item));
      continue;
    }
    const previous = items.at(-1);
    if (!isObject(item) || !isObject(previous)) return "one of its items is neither whole nor differs from one that is";
    items.push(withDifference(previous, item));
    contexts.push(contexts.at(-1)!);
  }
  return { action, items, contexts };
};

const isWhole = (item: WireItem): item is WholeItem => Array.isArray(item) && item.length > 0;

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const contextOf = ([, meta, requestID, span, caller]: WholeItem): ItemContext => {
  const context: ItemContext = {};
  if (meta) context.meta = meta;
  if (requestID) context.requestID = requestID;
  if (Array.isArray(span)) context.parentSpan = { id: span[0], traceID: span[1], sampled: span[2] };
  if (caller) context.caller = caller;
  return context;
};
