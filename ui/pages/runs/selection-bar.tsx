import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from "react";
import type { RunItem } from "../../../client";
import { useLocation } from "wouter";
import { type KeyGroup, useKeys } from "../../frame/keys";
import { Button } from "../../parts/buttons";
import { count } from "../../parts/format";
import { Menu, type MenuItem } from "../../parts/menu";
import { runHasEnded } from "../../parts/status";
import type { Verb } from "./act-on-all";
import type { Selection } from "./selection";

const Ask = lazy(() => import("./ask"));

/** What can be done with the chosen runs. */
export default function SelectionBar({
  selection,
  rows,
}: {
  selection: Selection;
  rows: readonly RunItem[];
}): ReactNode {
  const [asked, setAsked] = useState<Verb | null>(null);
  const chosen = useMemo(() => rows.filter(({ id }) => selection.ids.has(id)), [rows, selection.ids]);
  const { set } = selection;
  const clear = useCallback(() => set([]), [set]);
  if (chosen.length === 0) return null;
  return (
    <>
      <Bar chosen={chosen} ask={setAsked} clear={clear} />
      <Suspense>
        {asked && <Ask runs={chosen.filter(TAKES[asked])} verb={asked} onClose={() => setAsked(null)} done={clear} />}
      </Suspense>
    </>
  );
}

/** Whom a verb is for. */
const TAKES: Readonly<Record<Verb, (run: RunItem) => boolean>> = {
  cancel: ({ status }) => !runHasEnded(status) && status !== "CANCELING",
  delete: ({ status }) => runHasEnded(status),
  start: ({ status }) => runHasEnded(status),
  failure: ({ status }) => status === "FAILURE",
};

interface BarProps {
  chosen: readonly RunItem[];
  ask(verb: Verb): void;
  clear(): void;
}

const Bar = ({ chosen, ask, clear }: BarProps): ReactNode => {
  const [, navigate] = useLocation();
  useKeys(useMemo(() => escapeKeys(clear), [clear]));
  const of = (verb: Verb): number => chosen.filter(TAKES[verb]).length;
  const [first, second] = chosen;
  return (
    <div className="bulk" role="toolbar" aria-label="Chosen runs">
      <b className="num nw">{count(chosen.length)} selected</b>
      <i className="rule" />
      <Menu items={reexecutions(chosen, of, ask, navigate)}>
        <Button icon="retry" caret disabled={of("start") === 0}>
          Re-execute
        </Button>
      </Menu>
      <Button icon="stop" disabled={of("cancel") === 0} onClick={() => ask("cancel")}>
        Cancel
      </Button>
      <Button
        icon="diff"
        disabled={chosen.length !== 2}
        onClick={() => navigate(`/runs/${first!.id}/compare/${second!.id}`)}
      >
        Compare
      </Button>
      <Button icon="close" kind="danger" disabled={of("delete") === 0} onClick={() => ask("delete")}>
        Delete…
      </Button>
      <i className="rule" />
      <Button kind="ghost" keys="Esc" onClick={clear}>
        <span className="sr">Clear the selection</span>
      </Button>
    </div>
  );
};

const reexecutions = (
  [first, ...others]: readonly RunItem[],
  of: (verb: Verb) => number,
  ask: (verb: Verb) => void,
  navigate: (to: string) => void,
): MenuItem[] => [
  { label: `All steps (${of("start")})`, icon: "retry", act: () => ask("start") },
  {
    label: `From failure (${of("failure")})`,
    icon: "retry",
    not: of("failure") === 0 && "None has failed",
    act: () => ask("failure"),
  },
  {
    label: "With changed config…",
    icon: "edit",
    not: others.length > 0 && "Choose one run",
    act: () => navigate(`/jobs/${encodeURIComponent(first!.job)}/launch?from=${first!.id}`),
  },
];

const escapeKeys = (clear: () => void): KeyGroup => ({
  title: "Selection",
  bindings: [{ keys: "Escape", label: "Clear the selection", act: clear }],
});
