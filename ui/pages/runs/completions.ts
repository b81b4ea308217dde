import { useQuery } from "@tanstack/react-query";
import type { RunFilter, RunItem, RunStatus } from "../../../client";
import { FIELDS } from "../../../client/filter-text";
import { jobsQuery, sensorsQuery } from "../../data/queries";
import { count } from "../../parts/format";
import { useCounts } from "./summary";

export interface Completion {
  /** What is written then. */
  insert: string;
  /** False: a field, whose value is still to come. */
  done: boolean;
  /** What it would find, or what the field means. */
  beside: string;
}

const MOST = 8;

const MEANS: Readonly<Record<(typeof FIELDS)[number], string>> = {
  status: "how a run is",
  job: "name, with * for any part",
  tag: "key=value",
  by: "sensor, re-execution or API",
  created: "1h, 7d",
  duration: ">30s, <5m",
  error: "class of the first error",
  id: "how the id begins",
};

const SPANS = ["15m", "1h", "6h", "24h", "7d"];
const DURATIONS = [">10s", ">1m", ">10m", ">1h", "<1s"];

/** What the word under the cursor may become. A `-` before it stays. */
export const useCompletions = (text: string, filter: RunFilter, rows: readonly RunItem[]): Completion[] => {
  const not = text.startsWith("-") ? "-" : "";
  const bare = text.slice(not.length);
  const [, field, begun] = /^([a-z]+)(?::|(?=[<>]))(.*)$/.exec(bare) ?? [];
  const { data: jobs = [] } = useQuery(jobsQuery);
  const { data: sensors = [] } = useQuery(sensorsQuery);
  const { data: counts } = useCounts(filter);
  const values = (): Completion[] => {
    const of = (options: readonly (readonly [value: string, beside: string])[], between = ":"): Completion[] =>
      options
        .filter(([value]) => value.toLowerCase().includes(begun!.toLowerCase()))
        .map(([value, beside]) => ({
          insert: `${not}${field}${between}${/\s/.test(value) ? `"${value}"` : value}`,
          done: true,
          beside,
        }));
    if (field === "status")
      return of(Object.entries(counts?.counts ?? {}).map(([status, n]) => [status.toLowerCase(), count(n)]));
    if (field === "job") return of(jobs.map(({ name }) => [name, ""]));
    if (field === "by")
      return of([...sensors.map(({ name }) => [`sensor:${name}`, ""] as const), ["api", ""], ["reexecution", ""]]);
    if (field === "created") return of(SPANS.map((span) => [span, "until now"]));
    if (field === "duration")
      return of(
        DURATIONS.map((span) => [span, ""]),
        "",
      );
    if (field === "tag")
      return of(inRows(rows, ({ tags }) => Object.entries(tags).map(([key, value]) => `${key}=${value}`)));
    if (field === "error") return of(inRows(rows, ({ error_type }) => (error_type === null ? [] : [error_type])));
    return [];
  };
  if (field !== undefined) return values().slice(0, MOST);
  const word = bare.toLowerCase();
  return [
    ...FIELDS.filter((name) => name.startsWith(word)).map((name) => ({
      insert: `${not}${name}${name === "duration" ? "" : ":"}`,
      done: false,
      beside: MEANS[name],
    })),
    ...(word === "" ? [] : known(not, word, counts?.counts, jobs)),
  ].slice(0, MOST);
};

/** Statuses and jobs by their names alone. */
const known = (
  not: string,
  word: string,
  counts: Partial<Record<RunStatus, number>> = {},
  jobs: readonly { name: string }[],
): Completion[] => [
  ...Object.entries(counts)
    .filter(([status]) => status.toLowerCase().startsWith(word))
    .map(([status, n]) => ({ insert: `${not}status:${status.toLowerCase()}`, done: true, beside: count(n) })),
  ...jobs
    .filter(({ name }) => name.toLowerCase().includes(word))
    .map(({ name }) => ({ insert: `${not}job:${name}`, done: true, beside: "" })),
];

/** Values that stand in loaded rows, the most frequent first. */
const inRows = (rows: readonly RunItem[], valuesOf: (run: RunItem) => string[]): [string, string][] => {
  const counts = new Map<string, number>();
  for (const value of rows.flatMap(valuesOf)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([value, n]) => [value, `${count(n)} of the rows`]);
};
