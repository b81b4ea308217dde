import { type ComponentType, type ReactNode, Suspense, useMemo } from "react";
import type { Run } from "../../../client";
import { useParam, writeParams } from "../../data/url";
import { type KeyGroup, useKeys } from "../../frame/keys";
import { count } from "../../parts/format";
import { late } from "../../parts/late";
import { SkeletonRows, Soon } from "../../parts/states";
import { useRunSteps } from "./steps/run-steps";

type Tab = ComponentType<{ runId: string }>;
type Load = () => Promise<{ default: Tab }>;

/** The views of a run, each a chunk of its own. `name`: as in the address. */
const TABS: readonly { name: string; title: string; load: Load }[] = [
  { name: "timeline", title: "Timeline", load: () => import("./timeline") },
  { name: "events", title: "Events", load: () => import("./events") },
  { name: "logs", title: "Logs", load: () => import("./logs") },
  { name: "graph", title: "Graph", load: () => import("./graph") },
  { name: "config", title: "Config", load: () => import("./config") },
  { name: "io", title: "Inputs & outputs", load: () => import("./io") },
];

const LOADED = TABS.map((tab) => ({ ...tab, View: late(tab.load) }));

/** The view that the address asks for. */
const askedTab = (asked: string): (typeof LOADED)[number] => LOADED.find(({ name }) => name === asked) ?? LOADED[0]!;

/** Its code comes while the run does. */
export const preloadTab = (): void =>
  void askedTab(new URLSearchParams(location.search).get("tab") ?? "")
    .load()
    .catch(() => undefined);

/** Opens a tab of the run that is shown. */
export const openTab = (name: string): void =>
  writeParams({ tab: name === TABS[0]!.name ? null : name }, { push: true });

export const Tabs = ({ run: { id: runId, seq } }: { run: Run }): ReactNode => {
  const [asked] = useParam("tab");
  const { name: open, View } = askedTab(asked);
  useKeys(useMemo(() => TAB_KEYS, []));
  const counts = useCounts(seq);
  return (
    <>
      <nav className="tabs" aria-label="Views of the run">
        {TABS.map(({ name, title }) => (
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
            {title}
            {counts[name] !== undefined && <em>{count(counts[name])}</em>}
          </a>
        ))}
      </nav>
      <Suspense
        fallback={
          <Soon>
            <SkeletonRows />
          </Soon>
        }
      >
        <View runId={runId} />
      </Suspense>
    </>
  );
};

/** What a tab holds, where that is known: events are numbered without gaps. */
const useCounts = (seq: number): Readonly<Record<string, number | undefined>> => {
  const { steps } = useRunSteps();
  return { events: seq, graph: steps?.nodes.length };
};

const TAB_KEYS: KeyGroup = {
  title: "Run",
  bindings: TABS.map(({ name, title }, i) => ({ keys: String(i + 1), label: title, act: () => openTab(name) })),
};
