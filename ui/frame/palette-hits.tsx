import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useLocation } from "wouter";
import type { RunFilter, RunSummary } from "../../client";
import { api } from "../data/client";
import { useMissingRole } from "../data/me";
import { jobsQuery, sensorsQuery, workersQuery } from "../data/queries";
import { reexecuteRun } from "../data/run-actions";
import { counted, shortId } from "../parts/format";
import type { IconName } from "../parts/icon";
import { runs as goesOn, type Status } from "../parts/status";
import { Moment, zone } from "../parts/time";
import { tell } from "../parts/toasts";
import { type Command, useOfferedCommands } from "./commands";
import { type NamedRun, useOpener } from "./opener";
import { NAV } from "./pages";
import { theme } from "./theme";

/** Something that the palette found. */
export interface Hit {
  id: string;
  title: string;
  icon: IconName;
  status?: Status;
  /** It is a name of code. */
  code?: boolean;
  beside?: ReactNode;
  keys?: string;
  act(): void;
}

export interface HitGroup {
  title: string;
  hits: Hit[];
}

const MOST = { Actions: 8, Runs: 8, Jobs: 8, Sensors: 6, Workers: 6 };

/** What fits a text: verbs first, then things. */
export const useHits = (text: string): HitGroup[] => {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const prefix = words.find((word) => ID_PREFIX.test(word));
  const rest = words.filter((word) => word !== prefix);
  const runs = useRuns(prefix);
  const Actions = useActions(rest, runs);
  const Runs = useRunHits(rest, runs);
  const things = useThings(words);
  // An id alone opens its run: what changes something asks for its verb.
  const groups = rest.length === 0 ? { Runs, Actions, ...things } : { Actions, Runs, ...things };
  return Object.entries(groups)
    .map(([title, hits]) => ({ title, hits: hits.slice(0, MOST[title as keyof typeof MOST]) }))
    .filter(({ hits }) => hits.length > 0);
};

/** Four digits or more of an id; with fewer, words such as "dead" would be ones. */
const ID_PREFIX = /^(?=.*\d)[0-9a-f]{4,8}(-[0-9a-f]{0,4}(-[0-9a-f-]{0,22})?)?$/;

const fits = (words: readonly string[], ...texts: string[]): boolean => {
  const all = texts.join(" ").toLowerCase();
  return words.every((word) => all.includes(word));
};

/** Ids and times of creation are drawn one after the other. */
const APART_MS = 10_000;
const ASKED_BY_ID = 8;

const useRuns = (prefix: string | undefined): RunSummary[] => {
  const digits = (prefix ?? "").replaceAll("-", "").slice(0, 12);
  const { data = [] } = useQuery({
    queryKey: ["runs", "by-prefix", prefix],
    enabled: prefix !== undefined,
    queryFn: async () => {
      const asked = digits.length < ASKED_BY_ID ? stretchOf(digits) : { id: prefix! };
      const { items } = await api.runs.list({ ...asked, limit: 50 });
      return items.filter(({ id }) => id.startsWith(prefix!));
    },
  });
  return prefix === undefined ? [] : data;
};

/** A UUIDv7 begins with its time: the beginning of one is a stretch of time. */
const stretchOf = (digits: string): RunFilter => {
  const bound = (fill: string): number => parseInt(digits.padEnd(12, fill), 16);
  const iso = (at: number): string => new Date(Math.min(at, Date.UTC(3000, 0))).toISOString();
  return { created_after: iso(bound("0") - APART_MS), created_before: iso(bound("f") + APART_MS) };
};

const useRunHits = (words: readonly string[], runs: RunSummary[]): Hit[] => {
  const [, navigate] = useLocation();
  return runs
    .filter(({ job }) => words.length === 0 || fits(words, job))
    .map(({ id, job, status, created_at }) => ({
      id,
      title: shortId(id),
      icon: "runs" as const,
      status,
      code: true,
      beside: (
        <>
          {job} · <Moment at={created_at} />
        </>
      ),
      act: () => navigate(`/runs/${id}`),
    }));
};

const useActions = (words: readonly string[], runs: RunSummary[]): Hit[] => {
  const { cancel } = useOpener();
  const [, navigate] = useLocation();
  const offered = useOfferedCommands().flat();
  const { data: jobs = [] } = useQuery(jobsQuery);
  const not = useMissingRole("launcher");
  const commands: Command[] = [
    ...runs.slice(0, 2).flatMap((run) => verbsOf(run, navigate, cancel).map((verb) => ({ ...verb, not }))),
    ...offered,
    ...(runs.length > 0 ? [] : everywhere(navigate)),
    ...(runs.length > 0 ? [] : jobs).map(({ name }) => ({
      title: `Launch ${name}`,
      icon: "play" as const,
      not,
      act: () => navigate(`/jobs/${encodeURIComponent(name)}/launch`),
    })),
  ];
  return commands
    .filter(({ title }) => (words.length > 0 || runs.length > 0) && fits(words, title))
    .concat(words.length === 0 && runs.length === 0 ? [...offered, ...everywhere(navigate)].slice(0, MOST.Actions) : [])
    .map(hitOf);
};

const hitOf = ({ not, ...command }: Command): Hit => ({
  id: command.title,
  ...command,
  ...(not && { beside: not, act: () => void tell({ title: not }) }),
});

const everywhere = (navigate: (to: string) => void): Command[] => [
  ...NAV.flat().map(({ title, icon, href, key }) => ({
    title: `Go to ${title}`,
    icon,
    keys: `g ${key}`,
    act: () => navigate(href),
  })),
  { title: "Show times in UTC or local time", icon: "schedules", keys: "t", act: () => zone.next() },
  { title: "Change the theme", icon: "contrast", act: () => theme.next() },
];

const verbsOf = (
  { id, job, status }: RunSummary,
  navigate: (to: string) => void,
  cancel: (run: NamedRun) => void,
): Command[] => {
  const name = `${job} · ${shortId(id)}`;
  const open = (run: { id: string }): void => navigate(`/runs/${run.id}`);
  if (goesOn(status) || status === "QUEUED")
    return [{ title: `Cancel ${name}…`, icon: "stop", act: () => cancel({ id, job }) }];
  return [
    ...(status === "FAILURE"
      ? [
          {
            title: `Re-execute ${name} from failure`,
            icon: "retry" as const,
            act: () => void reexecuteRun(id, { from: "failure" }, open),
          },
        ]
      : []),
    { title: `Re-execute ${name}`, icon: "retry", act: () => void reexecuteRun(id, { from: "start" }, open) },
    {
      title: `Re-execute ${name} with new config…`,
      icon: "retry",
      act: () => navigate(`/jobs/${encodeURIComponent(job)}/launch?from=${id}`),
    },
  ];
};

const useThings = (words: readonly string[]): { Jobs: Hit[]; Sensors: Hit[]; Workers: Hit[] } => {
  const [, navigate] = useLocation();
  const asked = words.length > 0;
  const { data: jobs = [] } = useQuery({ ...jobsQuery, enabled: asked });
  const { data: sensors = [] } = useQuery({ ...sensorsQuery, enabled: asked });
  const { data: workers = [] } = useQuery({ ...workersQuery, enabled: asked });
  const thing = (name: string, icon: IconName, href: string, beside?: string): Hit => ({
    id: href,
    title: name,
    icon,
    code: true,
    ...(beside !== undefined && { beside }),
    act: () => navigate(href),
  });
  if (!asked) return { Jobs: [], Sensors: [], Workers: [] };
  return {
    Jobs: jobs
      .filter(({ name }) => fits(words, name))
      .map(({ name, nodes }) => thing(name, "jobs", `/jobs/${encodeURIComponent(name)}`, counted(nodes, "op"))),
    Sensors: sensors
      .filter(({ name }) => fits(words, name))
      .map(({ name, status }) =>
        thing(name, "sensors", `/sensors?sel=${encodeURIComponent(name)}`, status === "RUNNING" ? "on" : "off"),
      ),
    Workers: workers
      .filter(({ id, host }) => fits(words, id, host))
      .map(({ id, busy, slots }) =>
        thing(id, "workers", `/queues?view=host&sel=${encodeURIComponent(id)}`, `${busy} of ${slots} busy`),
      ),
  };
};
