import type { Json, Run, StepStatus, Timeline, TimelineTable } from "../../../client";
import { count, counted, duration, exact, percent, shortCode, type Zone } from "../../parts/format";
import { runHasEnded } from "../../parts/status";

/** One of the two runs, with all that is compared of it. */
export interface Side {
  run: Run;
  timeline: Timeline;
  /** Steps one by one; of large ops those that stand out. */
  steps: TimelineTable["steps"];
}

export interface Fact {
  name: string;
  a: string;
  b: string;
  differs: boolean;
}

const ran = ({ started_at, ended_at }: Run, now: number): number | null =>
  started_at === null ? null : (ended_at === null ? now : Date.parse(ended_at)) - Date.parse(started_at);

const waited = ({ created_at, started_at }: Run, now: number): number =>
  (started_at === null ? now : Date.parse(started_at)) - Date.parse(created_at);

const listed = (tags: readonly (readonly [string, string])[]): string =>
  tags
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(", ");

/** Those tags of a run that another one does not have. */
const ownTags = ({ tags }: Run, other: Run): string =>
  listed(Object.entries(tags).filter(([name, value]) => other.tags[name] !== value)) || "none";

/** The tags that both have, one by one. */
export const sharedTags = (a: Run, b: Run): string[] =>
  Object.entries(a.tags)
    .filter(([name, value]) => b.tags[name] === value)
    .map((tag) => listed([tag]))
    .sort();

/** What both have stands below, folded. */
const tagFact = (a: Run, b: Run): Fact => {
  const [inA, inB] = [ownTags(a, b), ownTags(b, a)];
  const differs = inA !== "none" || inB !== "none";
  const alike = differs || sharedTags(a, b).length === 0 ? "none" : "the same";
  return { name: "Tags", differs, ...(differs ? { a: inA, b: inB } : { a: alike, b: alike }) };
};

/** What one says of a run in a word or two, side by side. */
export const factsOf = (a: Side, b: Side, now: number, zone: Zone): Fact[] => {
  const fact = (name: string, of: (side: Side) => string, close?: (side: Side) => number | null): Fact => {
    const [inA, inB] = [of(a), of(b)];
    const differs = close ? !alike(close(a), close(b)) : inA !== inB;
    return { name, a: inA, b: inB, differs };
  };
  const time = (ms: number | null): string => (ms === null ? "—" : duration(ms));
  const soFar = ({ run }: Side): string => (run.started_at !== null && !runHasEnded(run.status) ? " so far" : "");
  return [
    // Of one job it is said above.
    ...(a.run.job === b.run.job ? [] : [fact("Job", ({ run }) => run.job)]),
    fact("Code", ({ run }) => shortCode(run.code_version)),
    // Two runs are never created at once: that tells nothing.
    fact(
      "Created",
      ({ run }) => exact(Date.parse(run.created_at), zone).replace(/\.\d+/, ""),
      () => null,
    ),
    tagFact(a.run, b.run),
    fact("Priority", ({ run }) => String(run.priority)),
    fact("Steps", ({ run }) => count(run.steps_total)),
    fact("Steps failed", ({ run }) => count(run.steps_failed)),
    fact("Slots in use, peak", ({ timeline }) => count(Math.ceil(Math.max(0, ...timeline.slots.used)))),
    fact(
      "Waited to start",
      ({ run }) => time(waited(run, now)),
      ({ run }) => waited(run, now),
    ),
    fact(
      "Duration",
      (side) => time(ran(side.run, now)) + soFar(side),
      ({ run }) => ran(run, now),
    ),
  ];
};

/** Within a tenth, or within 50 ms: clocks and neighbours do as much. */
const alike = (a: number | null, b: number | null): boolean =>
  a === null || b === null ? a === b : Math.abs(a - b) <= Math.max(50, 0.1 * Math.max(a, b));

export interface DiffLine {
  sign: "" | "−" | "+";
  text: string;
}

/** Longer texts are compared by what they begin and end with. */
const LONGEST = 1_500;

/** Lines of both configs in order; those of one alone are marked. */
export const diffOf = (a: Json, b: Json): DiffLine[] => {
  const [left, right] = [linesOf(a), linesOf(b)];
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start++;
  let end = 0;
  while (end < left.length - start && end < right.length - start && left.at(-1 - end) === right.at(-1 - end)) end++;
  const same = (text: string): DiffLine => ({ sign: "", text });
  return [
    ...left.slice(0, start).map(same),
    ...middle(left.slice(start, left.length - end), right.slice(start, right.length - end)),
    ...left.slice(left.length - end).map(same),
  ];
};

const linesOf = (value: Json): string[] => JSON.stringify(value, null, 2).split("\n");

/** By the longest common subsequence. */
const middle = (a: string[], b: string[]): DiffLine[] => {
  const gone = a.map((text): DiffLine => ({ sign: "−", text }));
  const come = b.map((text): DiffLine => ({ sign: "+", text }));
  if (a.length === 0 || b.length === 0 || a.length > LONGEST || b.length > LONGEST) return [...gone, ...come];
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        a[i] === b[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
  const lines: DiffLine[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ sign: "", text: a[i]! });
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!))
      lines.push(gone[i++]!);
    else lines.push(come[j++]!);
  }
  return lines;
};

/** Names of what differs within the configs: `num_tasks`, `limits.size`. */
export const changedKeys = (a: Json, b: Json, path = ""): string[] => {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  if (!isObject(a) || !isObject(b)) return [path];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.flatMap((name) => changedKeys(a[name] ?? null, b[name] ?? null, path === "" ? name : `${path}.${name}`));
};

const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export interface StepPair {
  key: string;
  node: string;
  /** An op with its steps; `a` and `b` are their p50. */
  group: boolean;
  statusA: StepStatus | null;
  statusB: StepStatus | null;
  a: number | null;
  b: number | null;
  note: string;
  differs: boolean;
}

/** Ops in the order of B's graph, each followed by its steps, the largest difference first. */
export const pairsOf = (a: Side, b: Side): StepPair[] => {
  const [stepsA, stepsB] = [byKey(a), byKey(b)];
  const keys = new Set([...stepsA.keys(), ...stepsB.keys()]);
  const nodes = [...new Set([...b.timeline.groups.node, ...a.timeline.groups.node])];
  const children = new Map<string, StepPair[]>(nodes.map((node) => [node, []]));
  const whole = wholeGroups(a, b);
  for (const key of keys) {
    const node = key.split("[")[0]!;
    const [inA, inB] = [stepsA.get(key), stepsB.get(key)];
    // Of a large op only what stands out is known: that a step is not among that says nothing.
    if ((!inA || !inB) && !whole.has(node)) continue;
    children.get(node)?.push(pairOf(key, node, inA, inB));
  }
  return nodes.flatMap((node) => {
    const steps = children.get(node)!.sort((x, y) => change(y) - change(x));
    return steps.length === 1 && steps[0]!.key === node ? steps : [groupOf(a, b, node), ...steps];
  });
};

interface StepSeen {
  status: StepStatus;
  ms: number | null;
  error: string | null;
}

const byKey = ({ steps }: Side): Map<string, StepSeen> =>
  new Map(
    steps.key.map((key, i) => {
      const [started, ended] = [steps.started[i]!, steps.ended[i]!];
      const ms = started === null || ended === null ? null : ended - started;
      return [key, { status: steps.status[i]!, ms, error: steps.error[i]! }];
    }),
  );

/** Ops all of whose steps are known on both sides. */
const wholeGroups = (a: Side, b: Side): Set<string> => {
  const lacking = [a, b].flatMap(({ timeline: { groups }, steps }) => {
    const known = new Map<string, number>();
    for (const key of steps.key) known.set(key.split("[")[0]!, (known.get(key.split("[")[0]!) ?? 0) + 1);
    return groups.node.filter((node, i) => groups.count[i]! > (known.get(node) ?? 0));
  });
  return new Set([...a.timeline.groups.node, ...b.timeline.groups.node].filter((node) => !lacking.includes(node)));
};

const pairOf = (key: string, node: string, a: StepSeen | undefined, b: StepSeen | undefined): StepPair => {
  const note = !a
    ? "only in B"
    : !b
      ? "only in A"
      : a.error !== b.error
        ? b.error
          ? `${firstOf(b.error)} in B`
          : `${firstOf(a.error!)} in A`
        : "";
  const pair = { key, node, group: false, a: a?.ms ?? null, b: b?.ms ?? null, note };
  const [statusA, statusB] = [a?.status ?? null, b?.status ?? null];
  return { ...pair, statusA, statusB, differs: statusA !== statusB || !alike(pair.a, pair.b) || note !== "" };
};

const firstOf = (error: string): string => error.split(/[:\n]/)[0]!.slice(0, 60);

const groupOf = (a: Side, b: Side, node: string): StepPair => {
  const [inA, inB] = [figures(a, node), figures(b, node)];
  const note = inA.count === inB.count ? "" : `${count(inA.count)} → ${counted(inB.count, "step")}`;
  return {
    ...{ key: node, node, group: true, statusA: inA.status, statusB: inB.status, a: inA.p50, b: inB.p50, note },
    differs: inA.status !== inB.status || note !== "" || !alike(inA.p50, inB.p50),
  };
};

const WORST: readonly StepStatus[] = ["FAILURE", "STARTED", "UP_FOR_RETRY", "QUEUED", "CANCELED", "SUCCESS", "SKIPPED"];
const figures = ({ timeline: { groups } }: Side, node: string) => {
  const at = groups.node.indexOf(node);
  if (at < 0) return { count: 0, p50: null, status: null };
  const status = WORST.find((one) => (groups.counts[one]?.[at] ?? 0) > 0) ?? null;
  return { count: groups.count[at]!, p50: groups.p50_ms[at]!, status };
};

const change = ({ a, b, statusA, statusB }: StepPair): number =>
  (statusA !== statusB ? 1e12 : 0) + Math.abs((b ?? 0) - (a ?? 0));

/** What one would say first of how B differs from A. */
export const verdictOf = (a: Side, b: Side, pairs: readonly StepPair[], now: number): string => {
  const failed = pairs.find(({ statusA, statusB }) => statusB === "FAILURE" && statusA !== "FAILURE");
  if (b.run.status === "FAILURE" && a.run.status !== "FAILURE")
    return failed
      ? `B fails at ${failed.key}${failed.note ? `: ${failed.note.replace(/ in B$/, "")}` : ""}.`
      : "B fails.";
  if (a.run.status === "FAILURE" && b.run.status === "SUCCESS") return "B succeeds where A fails.";
  const [inA, inB] = [ran(a.run, now), ran(b.run, now)];
  if (inA === null || inB === null) return "One of the two has not started.";
  if (alike(inA, inB)) return "Both take about as long.";
  const [most] = pairs.filter((pair) => pair.a !== null && pair.b !== null).sort((x, y) => change(y) - change(x));
  const where = most && !alike(most.a, most.b) ? `, most of all at ${most.key}` : "";
  return inB > inA ? `B takes ${times(inB / inA)} as long${where}.` : `B is ${percent(inA - inB, inA)} faster${where}.`;
};

const times = (ratio: number): string => `${ratio.toFixed(ratio < 10 ? 1 : 0)} ×`;

/** What may be the reason: code and config. */
export const causesOf = (a: Run, b: Run): string => {
  const keys = changedKeys(a.config, b.config);
  const shown = keys.length > 3 ? [...keys.slice(0, 3), `${keys.length - 3} more`] : keys;
  const causes = [...(a.code_version === b.code_version ? [] : ["Code"]), ...shown];
  if (causes.length === 0) return "Code and config are the same.";
  const list = causes.length === 1 ? causes[0]! : `${causes.slice(0, -1).join(", ")} and ${causes.at(-1)!}`;
  return `${list} ${causes.length === 1 ? "differs" : "differ"}.`;
};
