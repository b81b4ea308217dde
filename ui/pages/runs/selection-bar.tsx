import { type ReactNode, useCallback, useMemo, useState } from "react";
import { useLocation } from "wouter";
import { bulkStatuses, type RunFilter, type RunItem, type RunStatus } from "../../../client";
import { statusesOf, type Token } from "../../../client/filter-text";
import { useMissingRole } from "../../data/me";
import { type KeyGroup, useKeys } from "../../frame/keys";
import { Button } from "../../parts/buttons";
import { count } from "../../parts/format";
import { late } from "../../parts/late";
import { Menu, type MenuItem } from "../../parts/menu";
import { actOf, type Verb } from "./act-on-all";
import type { Selection } from "./selection";
import { useCounts } from "./summary";

const AskRows = late(() => import("./ask-rows"));
const AskFilter = late(() => import("./ask-filter"));

/** As many ids as a filter may have. */
const MOST_CHOSEN = 1_000;
const TOO_MANY = `At most ${count(MOST_CHOSEN)} one by one, or all of a filter`;

interface Props {
  selection: Selection;
  rows: readonly RunItem[];
  tokens: readonly Token[];
  filter: RunFilter;
}

/** Whether a verb is for runs of a status. */
const takes = (verb: Verb, status: RunStatus): boolean => bulkStatuses(actOf(verb)).includes(status);

/** What can be done with the chosen runs. */
export default function SelectionBar({ selection, rows, tokens, filter }: Props): ReactNode {
  const [asked, setAsked] = useState<Verb | null>(null);
  const { all, has, set, setAll } = selection;
  const chosen = rows.filter(({ id }) => has(id));
  const clear = useCallback(() => set([]), [set]);
  const chooseAll = useCallback(() => setAll(rows), [setAll, rows]);
  const found = useFound(tokens, filter);
  if (!all && chosen.length === 0) return null;
  const counts = all ? found.counts : countsOf(chosen);
  const close = (): void => setAsked(null);
  return (
    <>
      <Bar {...{ all, chosen, counts, clear, found, chooseAll }} ask={setAsked} />
      {asked && all && (
        <AskFilter {...{ tokens, filter }} loaded={rows.length} verb={asked} onClose={close} done={clear} />
      )}
      {asked && !all && (
        <AskRows runs={chosen.filter(({ status }) => takes(asked, status))} verb={asked} onClose={close} done={clear} />
      )}
    </>
  );
}

type Counts = ReadonlyMap<RunStatus, number>;

const countsOf = (runs: readonly RunItem[]): Counts => {
  const counts = new Map<RunStatus, number>();
  for (const { status } of runs) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
};

/** What the filter finds, as far as it is counted for the page. */
const useFound = (tokens: readonly Token[], filter: RunFilter): { counts: Counts; total: string; n: number } => {
  const { data } = useCounts(filter);
  return useMemo(() => {
    const asked = statusesOf(tokens);
    const all = Object.entries(data?.counts ?? {}) as [RunStatus, number][];
    const counts = new Map(all.filter(([status]) => asked === null || asked.includes(status)));
    const n = [...counts.values()].reduce((sum, of) => sum + of, 0);
    return { counts, total: `${count(n)}${data?.complete === false ? "+" : ""}`, n };
  }, [data, tokens]);
};

interface BarProps {
  all: boolean;
  chosen: readonly RunItem[];
  counts: Counts;
  found: { total: string; n: number };
  ask(verb: Verb): void;
  clear(): void;
  chooseAll(): void;
}

const Bar = ({ all, chosen, counts, found, ask, clear, chooseAll }: BarProps): ReactNode => {
  const [, navigate] = useLocation();
  useKeys(useMemo(() => barKeys(clear, chooseAll), [clear, chooseAll]));
  const of = (verb: Verb): number => [...counts].reduce((sum, [status, n]) => sum + (takes(verb, status) ? n : 0), 0);
  const [first, second] = chosen;
  const noOperator = useMissingRole("operator");
  const noLauncher = useMissingRole("launcher");
  // All of a filter are the server's to go through, which is more than to act on one after the other.
  const not = all ? noOperator : noLauncher || (!noOperator && chosen.length > MOST_CHOSEN && TOO_MANY);
  return (
    <div className="bulk" role="toolbar" aria-label="Chosen runs">
      <b className="num nw">{all ? `All ${found.total} of the filter` : `${count(chosen.length)} selected`}</b>
      {!all && found.n > chosen.length && (
        <button type="button" className="link t2 num nw" onClick={chooseAll}>
          Select all {found.total}
        </button>
      )}
      <i className="rule" />
      <Menu items={reexecutions(all ? [] : chosen, of, ask, navigate)}>
        <Button icon="retry" caret not={not || (of("start") === 0 && "None of them has ended yet")}>
          Re-execute
        </Button>
      </Menu>
      <Button
        icon="stop"
        not={not || (of("cancel") === 0 && "All of them have ended, or are being canceled")}
        onClick={() => ask("cancel")}
      >
        Cancel
      </Button>
      <Button
        icon="diff"
        not={(all || chosen.length !== 2) && "Choose two runs to compare them"}
        onClick={() => navigate(`/runs/${first!.id}/compare/${second!.id}`)}
      >
        Compare
      </Button>
      <Button
        icon="close"
        kind="danger"
        not={noOperator || not || (of("delete") === 0 && "Runs can be deleted once they have ended")}
        onClick={() => ask("delete")}
      >
        Delete…
      </Button>
      <i className="rule" />
      <Button kind="ghost" keys="Esc" aria-label="Clear the selection" className="clear" onClick={clear}>
        <span className="narrow-only">Clear</span>
      </Button>
    </div>
  );
};

/** @param chosen one by one. */
const reexecutions = (
  chosen: readonly RunItem[],
  of: (verb: Verb) => number,
  ask: (verb: Verb) => void,
  navigate: (to: string) => void,
): MenuItem[] => [
  { label: `All steps (${count(of("start"))})`, icon: "retry", act: () => ask("start") },
  {
    label: `From failure (${count(of("failure"))})`,
    icon: "retry",
    not: of("failure") === 0 && "None has failed",
    act: () => ask("failure"),
  },
  {
    label: "With changed config…",
    icon: "edit",
    not: chosen.length !== 1 && "Choose one run",
    act: () => navigate(`/jobs/${encodeURIComponent(chosen[0]!.job)}/launch?from=${chosen[0]!.id}`),
  },
];

const barKeys = (clear: () => void, chooseAll: () => void): KeyGroup => ({
  title: "Selection",
  bindings: [
    { keys: "a", label: "Select all of the filter", act: chooseAll },
    { keys: "Escape", label: "Clear the selection", act: clear },
  ],
});
