import type { Graph, GraphNode, Timeline } from "../../../../client";
import { duration } from "../../../parts/format";
import type { Status } from "../../../parts/status";
import { keyParts } from "../../../parts/key-parts";
import type { LayoutNode } from "./layout";

/** What is known of an op of a run now. */
export interface OpNow {
  name: string;
  status: Status;
  mapped: boolean;
  /** Steps that there are by now, and items that wait for a place with the run's owner. */
  total: number;
  counts: Partial<Record<Status, number>>;
  /** What it says beside its name. */
  note: string;
  onPath: boolean;
  /** A failure before it holds it back. */
  blocked: boolean;
}

/** Wide enough for whatever an op may come to say: live changes only recolour. */
const CHARACTER = 7.23;
const ROOM = 37;
const NOTE = 60;
const LINE = 30;
const MAPPED_LINES = 46;
const MAPPED_LEAST = 190;

export const sourcesOf = ({ inputs, after }: GraphNode): string[] => [
  ...new Set([...inputs.flatMap(({ sources }) => sources.map(({ node }) => node)), ...after]),
];

export const layoutNodesOf = (graph: Graph): LayoutNode[] => {
  const names = new Set(graph.nodes.map(({ name }) => name));
  return graph.nodes.map((node) => {
    const mapped = node.scope.length > 0;
    const width = Math.round(CHARACTER * node.name.length + ROOM + NOTE + (mapped ? NOTE : 0));
    return {
      id: node.name,
      width: mapped ? Math.max(MAPPED_LEAST, width) : width,
      height: mapped ? MAPPED_LINES : LINE,
      sources: sourcesOf(node).filter((source) => names.has(source) && source !== node.name),
    };
  });
};

/** Ops of the graph as they are now, by name. */
export const opsNow = (graph: Graph, timeline: Timeline | undefined): Map<string, OpNow> => {
  const ops = new Map<string, OpNow>();
  const groups = timeline?.groups;
  const onPath = new Set(timeline?.critical_path.map(({ key }) => nodeOf(key)));
  for (const node of graph.nodes) {
    const at = groups?.node.indexOf(node.name) ?? -1;
    const counts: OpNow["counts"] = {};
    for (const [status, column] of Object.entries(groups?.counts ?? {}))
      if (at >= 0 && column[at]! > 0) counts[status as Status] = column[at]!;
    const total = at < 0 ? 0 : groups!.count[at]! + groups!.held_back[at]!;
    const mapped = node.scope.length > 0;
    const status = statusOf(counts, total);
    const op = { name: node.name, status, mapped, total, counts, onPath: onPath.has(node.name), blocked: false };
    const took = mapped ? (at < 0 ? null : groups!.p50_ms[at]!) : tookOf(node.name, timeline);
    ops.set(node.name, { ...op, note: mapped && total === 0 ? "mapped" : took === null ? "" : duration(took) });
  }
  return heldBack(graph, ops);
};

export const nodeOf = (key: string): string => keyParts(key).name;

/** How long the one step of an op took; null: it has not ended, or did not run. */
const tookOf = (key: string, timeline: Timeline | undefined): number | null => {
  const at = timeline?.steps.key.indexOf(key) ?? -1;
  if (at < 0) return null;
  const [started, ended] = [timeline!.steps.started[at]!, timeline!.steps.ended[at]!];
  return started === null || ended === null ? null : ended - started;
};

const WORST: readonly Status[] = ["FAILURE", "STARTED", "UP_FOR_RETRY", "QUEUED", "CANCELED", "SUCCESS", "SKIPPED"];
const statusOf = (counts: OpNow["counts"], total: number): Status =>
  total === 0 ? "PENDING" : (WORST.find((status) => counts[status]) ?? "PENDING");

/** Marks all that comes behind a failure and has not run. */
const heldBack = (graph: Graph, ops: Map<string, OpNow>): Map<string, OpNow> => {
  const held = new Set<string>();
  let before = -1;
  while (held.size > before) {
    before = held.size;
    for (const node of graph.nodes) {
      const { status } = ops.get(node.name)!;
      if (status !== "PENDING" && status !== "SKIPPED") continue;
      const behind = sourcesOf(node).some((source) => held.has(source) || ops.get(source)?.status === "FAILURE");
      if (behind) held.add(node.name);
    }
  }
  for (const name of held) {
    const op = ops.get(name)!;
    ops.set(name, { ...op, blocked: true, note: op.status === "SKIPPED" ? "held back" : op.note });
  }
  return ops;
};

/** All that comes behind an op. */
export const behind = (graph: Graph, name: string): string[] => {
  const found = new Set([name]);
  let before = 0;
  while (found.size > before) {
    before = found.size;
    for (const node of graph.nodes) if (sourcesOf(node).some((source) => found.has(source))) found.add(node.name);
  }
  found.delete(name);
  return [...found];
};

export type EdgeKind = "plain" | "skipped" | "held" | "path";

export const kindOfEdge = (ops: Map<string, OpNow>, from: string, to: string): EdgeKind => {
  const [a, b] = [ops.get(from)!, ops.get(to)!];
  if (b.blocked && (a.blocked || a.status === "FAILURE")) return "held";
  if (a.onPath && b.onPath) return "path";
  return b.status === "SKIPPED" ? "skipped" : "plain";
};
