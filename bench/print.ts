import type { DiskResult } from "./disk";
import type { Limits } from "./limits";
import { ROLES } from "./processes";
import { type ShapeResult, SLOTS } from "./shapes";
import { type WorkflowResult, SLOTS as WORKFLOW_SLOTS } from "./workflows";

const count = (value: number): string => Math.round(value).toLocaleString("en-US");

export const limitLines = (limits: Limits): string[] => [
  `Limits of this machine: broker ${count(limits.confirmedPublishesPerSecond)} confirmed publishes/s; database ` +
    `${limits.commitsPerSecond.toFixed(0)} commit statements/s = ${count(limits.stepsPerSecondInCommits)} steps/s.`,
];

const columns = (cells: string[], widths: number[]): string =>
  cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  ");

const SHAPE_WIDTHS = [24, 8, 8, 8, 8, 8, ...ROLES.map((role) => role.length)];

export const shapeHeading = (): string =>
  `\n1 coordinator, 2 workers, ${SLOTS} slots. CPU seconds per 1,000 steps by process:\n` +
  columns(["shape", "steps/s", "ms/step", "spread", "B/step", "peak MB", ...ROLES], SHAPE_WIDTHS);

/** "spread": slowest ÷ fastest round; "peak MB": of the coordinator. */
export const shapeLine = (result: ShapeResult): string => {
  const { name, stepsPerSecond, msPerStep, seconds, bytesPerStep, coordinatorPeakMb, cpuSecondsPer1000Steps } = result;
  const spread = Math.max(...seconds) / Math.min(...seconds);
  const figures = [count(stepsPerSecond), msPerStep.toFixed(2), spread.toFixed(2), count(bytesPerStep)];
  const peak = coordinatorPeakMb === null ? "-" : count(coordinatorPeakMb);
  const cpu = ROLES.map((role) => cpuSecondsPer1000Steps?.[role].toFixed(3) ?? "-");
  return columns([name, ...figures, peak, ...cpu], SHAPE_WIDTHS);
};

const WORKFLOW_WIDTHS = [48, 6, 8, 12, 12, 12, 6, 6];

export const workflowHeading = (): string =>
  `\nWorkflows on ${WORKFLOW_SLOTS} slots, times ÷ 1,000; ratio: makespan ÷ max(critical path, work ÷ slots); ideal: of a scheduler without costs:\n` +
  columns(["workflow", "tasks", "ms/step", "critical ms", "work ms", "makespan ms", "ratio", "ideal"], WORKFLOW_WIDTHS);

export const workflowLine = (result: WorkflowResult): string => {
  const { name, tasks, stepMs, criticalPathMs, workMs, makespanMs, ratio, idealRatio } = result;
  const times = [stepMs.toFixed(1), count(criticalPathMs), count(workMs), count(makespanMs)];
  const ratios = [ratio.toFixed(2), idealRatio.toFixed(2)];
  return columns([name, count(tasks), ...times, ...ratios], WORKFLOW_WIDTHS);
};

const DISK_WIDTHS = [34, 8, 8, 8, 10, 10, 10, 10, 10];

export const diskHeading = (): string =>
  `\nBytes of tables with their indexes; of steps with their items:\n` +
  columns(["runs", "steps", "events", "lines", "runs B", "steps B", "events B", "logs B", "other B"], DISK_WIDTHS);

export const diskLine = ({ name, steps, events, lines, bytes }: DiskResult): string =>
  columns(
    [name, ...[steps, events, lines, bytes.runs, bytes.steps, bytes.events, bytes.logs, bytes.other].map(count)],
    DISK_WIDTHS,
  );
