import type { ReactNode } from "react";
import type { RunItem, RunSort } from "../../../client";
import { StoredText, useStored } from "../../data/stored";
import { Chip } from "../../parts/chips";
import { duration, shortCode, shortId } from "../../parts/format";
import { JobLink, RunLink } from "../../parts/ids";
import { Icon, type IconName } from "../../parts/icon";
import { StatusWord } from "../../parts/status";
import { Duration, Moment, useNow } from "../../parts/time";
import { StepsCell } from "./steps-cell";

export interface Column {
  name: string;
  title: string;
  /** Of the grid. */
  width: string;
  right?: boolean;
  /** It is shown where somebody wants it. */
  optional?: boolean;
  sort?: "created" | "duration" | "status";
  cell(run: RunItem): ReactNode;
}

export const COLUMNS: readonly Column[] = [
  {
    name: "status",
    title: "Status",
    width: "108px",
    sort: "status",
    cell: ({ status }) => <StatusWord status={status} />,
  },
  { name: "run", title: "Run", width: "116px", cell: ({ id }) => <RunLink id={id} className="t2" /> },
  { name: "job", title: "Job", width: "minmax(132px, 1.4fr)", cell: ({ job }) => <JobLink name={job} /> },
  { name: "steps", title: "Steps", width: "minmax(204px, 1.7fr)", cell: (run) => <StepsCell run={run} /> },
  { name: "by", title: "Launched by", width: "minmax(116px, 1.2fr)", cell: (run) => <LaunchedBy run={run} /> },
  { name: "tags", title: "Tags", width: "minmax(124px, 1.1fr)", cell: ({ tags }) => <Tags tags={tags} /> },
  {
    name: "priority",
    title: "Priority",
    width: "72px",
    right: true,
    optional: true,
    cell: ({ priority }) => <span className="num t2">{priority}</span>,
  },
  {
    name: "code",
    title: "Code",
    width: "84px",
    optional: true,
    cell: ({ code_version }) => (
      <span className="mono t2 ell" title={code_version}>
        {shortCode(code_version)}
      </span>
    ),
  },
  {
    name: "ended",
    title: "Ended",
    width: "92px",
    optional: true,
    cell: ({ ended_at }) => (ended_at ? <Moment at={ended_at} /> : <span className="dim">—</span>),
  },
  {
    name: "parent",
    title: "Parent",
    width: "122px",
    optional: true,
    cell: ({ parent_run_id }) =>
      parent_run_id ? <RunLink id={parent_run_id} className="t2" /> : <span className="dim">—</span>,
  },
  {
    name: "created",
    title: "Created",
    width: "88px",
    sort: "created",
    cell: ({ created_at }) => (
      <span className="t2">
        <Moment at={created_at} />
      </span>
    ),
  },
  {
    name: "duration",
    title: "Duration",
    width: "104px",
    right: true,
    sort: "duration",
    cell: (run) => <DurationCell run={run} />,
  },
];

const extra = new StoredText<string>("dqueue.runs.columns", "", (text) => text.length < 200);

/** The optional columns that are shown, and a way to show or hide one. */
export const useColumns = (): { shown: readonly Column[]; toggle(name: string): void } => {
  const chosen = useStored(extra).split(",").filter(Boolean);
  return {
    shown: COLUMNS.filter(({ name, optional }) => !optional || chosen.includes(name)),
    toggle: (name) =>
      extra.set((chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]).join(",")),
  };
};

/** The other direction where it is sorted by this already; falling at first. */
export const nextSort = (column: "created" | "duration" | "status", sort: RunSort): RunSort =>
  sort === `-${column}` ? column : `-${column}`;

const BY_ICONS: Readonly<Record<string, IconName>> = {
  sensor: "sensors",
  schedule: "schedules",
  reexecution: "retry",
  api: "terminal",
};

const LaunchedBy = ({ run: { launched_by, parent_run_id } }: { run: RunItem }): ReactNode => {
  const [kind = "", name] = launched_by.split(/:(.*)/s);
  return (
    <span className="row" style={{ gap: 6, minWidth: 0 }}>
      <Icon name={BY_ICONS[kind] ?? "user"} size={13} className="dim" />
      <span className={`ell t2 ${name || parent_run_id ? "mono" : ""}`} title={launched_by}>
        {name ?? (parent_run_id ? `of ${shortId(parent_run_id)}` : "API")}
      </span>
    </span>
  );
};

/** What dqueue itself writes into tags is told elsewhere. */
const isOwn = (key: string): boolean => key.startsWith("dagster/") || key.startsWith("dqueue/");

const Tags = ({ tags }: { tags: Record<string, string> }): ReactNode => {
  const own = Object.entries(tags).filter(([key]) => !isOwn(key));
  return (
    <span className="row tags">
      {own.slice(0, 2).map(([key, value]) => (
        <Chip key={key} name={key} value={value} />
      ))}
      {own.length > 2 && (
        <span className="dim small" title={own.map(([key, value]) => `${key}: ${value}`).join("\n")}>
          +{own.length - 2}
        </span>
      )}
    </span>
  );
};

/** The duration, with a hairline against what is usual for the job: its middle is p50. */
export const DurationCell = ({ run }: { run: RunItem }): ReactNode => (
  <span className="dur">
    <Duration from={run.started_at} to={run.ended_at} />
    <Hairline run={run} />
  </span>
);

const Hairline = ({ run }: { run: RunItem }): ReactNode => {
  const { started_at, ended_at, status, p50_ms } = run;
  if (started_at === null || !p50_ms) return null;
  if (ended_at === null) return <GoingHairline run={run} since={started_at} />;
  const ms = Date.parse(ended_at) - Date.parse(started_at);
  return <Against run={run} ms={ms} tone={status === "FAILURE" ? "bad" : ""} />;
};

const GoingHairline = ({ run, since }: { run: RunItem; since: string }): ReactNode => {
  const now = useNow();
  return <Against run={run} ms={now - Date.parse(since)} tone="going" />;
};

const Against = ({ run: { p50_ms, p95_ms }, ms, tone }: { run: RunItem; ms: number; tone: string }): ReactNode => {
  const usual = p50_ms!;
  const at = (value: number): string => `${Math.min(100, (50 * value) / usual)}%`;
  const p95 = p95_ms === null ? "" : `, p95 ${duration(p95_ms)}`;
  return (
    <i className="dbar" title={`Usual for this job: p50 ${duration(usual)}${p95}`}>
      <u className={tone} style={{ width: at(ms) }} />
      {p95_ms !== null && p95_ms < 2 * usual && <b style={{ left: at(p95_ms) }} />}
    </i>
  );
};
