import { type ComponentType, type ReactNode, useMemo } from "react";
import type { Run } from "../../../client";
import { useParam, writeParams } from "../../data/url";
import { type KeyGroup, useKeys } from "../../frame/keys";
import { count } from "../../parts/format";
import { late } from "../../parts/late";
import { runHasEnded } from "../../parts/status";
import { SkeletonRows, Soon } from "../../parts/states";
import { useEventsUpTo } from "./events/use-events-up-to";
import { useLogCount } from "./logs/use-log-count";
import { useRunSteps } from "./steps/run-steps";
import { instantOf, useAskedMoment } from "./steps/use-moment";

type Tab = ComponentType<{ runId: string }>;
type Load = () => Promise<{ default: Tab }>;

/** The views of a run, each a chunk of its own. `name`: as in the address; `short`: where little room is. */
const TABS: readonly { name: string; title: string; short?: string; load: Load }[] = [
  { name: "timeline", title: "Timeline", load: () => import("./timeline") },
  { name: "events", title: "Events", load: () => import("./events") },
  { name: "logs", title: "Logs", load: () => import("./logs") },
  { name: "graph", title: "Graph", load: () => import("./graph") },
  { name: "config", title: "Config", load: () => import("./config") },
  { name: "io", title: "Inputs & outputs", short: "In & out", load: () => import("./io") },
];

const LOADED = TABS.map((tab) => ({ ...tab, View: late(tab.load) }));

/** The view that the address asks for. */
const askedTab = (asked: string): (typeof LOADED)[number] => LOADED.find(({ name }) => name === asked) ?? LOADED[0]!;

/** Its code comes while the run does. */
export const beginTab = (): Promise<void> =>
  askedTab(new URLSearchParams(location.search).get("tab") ?? "").View.begin();

/** Opens a tab of the run that is shown. */
export const openTab = (name: string): void =>
  writeParams({ tab: name === TABS[0]!.name ? null : name }, { push: true });

/** The tabs in their places, before they can be opened. */
export const ComingTabs = (): ReactNode => (
  <div className="tabs" aria-hidden="true">
    {TABS.map(({ name, ...words }) => (
      <a key={name}>
        <Title {...words} />
        <Count of={name} n={undefined} />
      </a>
    ))}
  </div>
);

const Title = ({ title, short = title }: { title: string; short?: string }): ReactNode => (
  <>
    <span className="wide-only">{title}</span>
    <span className="narrow-only">{short}</span>
  </>
);

const COUNTED: readonly string[] = ["events", "logs", "graph"];

/** Its place is there before it is known. */
const Count = ({ of, n }: { of: string; n: string | undefined }): ReactNode => COUNTED.includes(of) && <em>{n}</em>;

export const Tabs = ({ run }: { run: Run }): ReactNode => {
  const { id: runId } = run;
  const [asked] = useParam("tab");
  const { name: open, View } = askedTab(asked);
  useKeys(useMemo(() => TAB_KEYS, []));
  const counts = useCounts(run);
  return (
    <>
      <nav className="tabs" aria-label="Views of the run">
        {TABS.map(({ name, ...words }) => (
          <a
            key={name}
            href={name === TABS[0]!.name ? "?" : `?tab=${name}`}
            {...(name === open && { "aria-current": "page" })}
            onClick={(event) => {
              if (event.metaKey || event.ctrlKey || event.shiftKey) return;
              event.preventDefault();
              openTab(name);
            }}
          >
            <Title {...words} />
            <Count of={name} n={counts[name]} />
          </a>
        ))}
      </nav>
      <View
        runId={runId}
        coming={
          <Soon>
            <SkeletonRows />
          </Soon>
        }
      />
    </>
  );
};

/** What a tab holds, or held at the moment that is shown, where that is known: events are numbered without gaps. */
const useCounts = ({ id, seq, status, created_at }: Run): Readonly<Record<string, string | undefined>> => {
  const { steps, seq: known } = useRunSteps();
  const [asked] = useAskedMoment();
  const then = instantOf(Date.parse(created_at), asked);
  const { events } = useEventsUpTo(id, then, known, then !== null);
  const logs = useLogCount(id, then, runHasEnded(status));
  return {
    events: count(asked === null ? seq : (events.at(-1)?.seq ?? 0)),
    logs: logs ? `${count(logs.lines)}${logs.complete ? "" : "+"}` : undefined,
    graph: steps ? count(steps.nodes.length) : undefined,
  };
};

const TAB_KEYS: KeyGroup = {
  title: "Run",
  bindings: TABS.map(({ name, title }, i) => ({ keys: String(i + 1), label: title, act: () => openTab(name) })),
};
