import type { LoggerInstance } from "moleculer";
import type { MailboxItem, StepAction } from "../core/messages";

import { type Fields, isCount, isObject, isOr, isSlot, isText, isTime } from "./shapes";

/** True if all values of the object are. */
const areAll = (values: unknown, is: (value: unknown) => boolean): boolean => {
  if (!isObject(values)) return false;
  for (const name in values) if (!is(values[name])) return false;
  return true;
};

const isValue = (value: unknown): boolean =>
  isObject(value) && ("value" in value || (isText(value.ref) && isCount(value.size)));

const isInput = (input: unknown): boolean => {
  if (!isObject(input)) return false;
  if ("list" in input) return Array.isArray(input.list) && input.list.every((one) => isObject(one) && "value" in one);
  if ("pages" in input) return isObject(input.pages) && isText(input.pages.input) && isCount(input.pages.count);
  return isValue(input);
};

const isAddressed = ({ shard, run, step, fence }: Fields): boolean =>
  isCount(shard) && isText(run) && isText(step) && isCount(fence);

export const isStepAction = (action: unknown): action is StepAction =>
  isObject(action) &&
  isAddressed(action) &&
  isText(action.job) &&
  isText(action.node) &&
  isText(action.op) &&
  Array.isArray(action.path) &&
  action.path.every(isText) &&
  isCount(action.attempt) &&
  isOr(null, isTime, action.timeoutMs) &&
  areAll(action.inputs, isInput) &&
  isObject(action.config) &&
  areAll(action.tags, isText) &&
  isOr(undefined, (keys) => Array.isArray(keys) && keys.every(isText), action.committedKeys) &&
  isOr(undefined, isObject, action.hook);

const isError = (error: unknown): boolean => isObject(error) && isText(error.name) && isText(error.message);

const isHook = (hook: unknown): boolean => isObject(hook) && isText(hook.hook) && isText(hook.event);
const areHooks = (hooks: unknown): boolean => isOr(undefined, (all) => Array.isArray(all) && all.every(isHook), hooks);

const isLine = (line: unknown): boolean =>
  isObject(line) && isTime(line.at) && isText(line.stream) && isText(line.level) && isText(line.text);

const isItem = (item: unknown): boolean => Array.isArray(item) && isText(item[0]) && isValue(item[1]);

/** What each kind has beside its address. */
const REPORTS: Readonly<Record<string, (report: Fields) => boolean>> = {
  started: ({ at, worker, pid, slot }) => isTime(at) && isText(worker) && isCount(pid) && isOr(undefined, isSlot, slot),
  items: ({ items }) => Array.isArray(items) && items.every(isItem),
  succeeded: ({ startedAt, at, worker, pid, slot, outputs, items, hooks }) =>
    isTime(startedAt) &&
    isTime(at) &&
    isText(worker) &&
    isCount(pid) &&
    isOr(undefined, isSlot, slot) &&
    areAll(outputs, isValue) &&
    isOr(undefined, isCount, items) &&
    areHooks(hooks),
  failed: ({ startedAt, at, worker, pid, slot, error, retryable, random, hooks }) =>
    isTime(startedAt) &&
    isTime(at) &&
    isText(worker) &&
    isCount(pid) &&
    isOr(undefined, isSlot, slot) &&
    isError(error) &&
    typeof retryable === "boolean" &&
    isTime(random) &&
    areHooks(hooks),
  lost: ({ startedAt, at, worker, slot, error, random, times }) =>
    isTime(startedAt) &&
    isTime(at) &&
    isText(worker) &&
    isOr(undefined, isSlot, slot) &&
    isError(error) &&
    isTime(random) &&
    isOr(undefined, isCount, times),
  released: ({ at, reason, epoch }) => isTime(at) && isText(reason) && isOr(undefined, isCount, epoch),
  canceled: ({ at }) => isTime(at),
  progress: ({ at, fraction, message }) => isTime(at) && isTime(fraction) && isOr(null, isText, message),
  logs: ({ attempt, chunk }) =>
    isCount(attempt) &&
    isObject(chunk) &&
    isCount(chunk.seq) &&
    Array.isArray(chunk.lines) &&
    chunk.lines.every(isLine),
};

export const isMailboxItem = (item: unknown): item is MailboxItem => {
  if (!isObject(item) || !isText(item.type) || !isCount(item.shard)) return false;
  const type = item.type as string;
  if (type === "mark") return isText(item.id);
  if (type === "look") return isText(item.at);
  return Object.hasOwn(REPORTS, type) && isAddressed(item) && REPORTS[type]!(item);
};

/** So often at most the log hears of what was dropped: whoever floods the bus must not flood the log too. */
const COMPLAIN_MS = 10_000;

/** Lets only items of their kind through; of the others the log has a line now and then. */
export const sieve = <T>(
  is: (item: unknown) => item is T,
  what: string,
  log: Pick<LoggerInstance, "error">,
): ((items: readonly unknown[]) => T[]) => {
  let dropped = 0;
  let saidAt = -Infinity;
  return (items) => {
    if (items.every(is)) return items as T[];
    const odd = items.filter((item) => !is(item));
    dropped += odd.length;
    const now = performance.now();
    if (now - saidAt >= COMPLAIN_MS) {
      log.error(`${dropped} ${what} were dropped: not of their shape. One of them: ${shown(odd[0])}`);
      dropped = 0;
      saidAt = now;
    }
    return items.filter(is);
  };
};

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 200) ?? String(value);
