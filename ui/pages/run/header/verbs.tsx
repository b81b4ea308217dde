import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useLocation } from "wouter";
import type { Run } from "../../../../client";
import { useMissingRole } from "../../../data/me";
import { reexecuteRun } from "../../../data/run-actions";
import { useCommands } from "../../../frame/commands";
import { type KeyGroup, useKeys } from "../../../frame/keys";
import { useOpener } from "../../../frame/opener";
import { Button } from "../../../parts/buttons";
import { shortId } from "../../../parts/format";
import { late } from "../../../parts/late";
import { Menu, type MenuItem } from "../../../parts/menu";
import { useNarrow } from "../../../parts/narrow";
import { runHasEnded } from "../../../parts/status";
import { tell } from "../../../parts/toasts";
import { openComparison } from "./compared";

const AskDelete = late(() => import("./ask-delete"));
const Reexecute = late(() => import("./reexecute"));

type Asked = "delete" | "reexecute" | null;

/** What can be done with the run. @param gone it was deleted while somebody looked. */
export const Verbs = ({ run, gone }: { run: Run; gone: boolean }): ReactNode => {
  const [asked, ask] = useState<Asked>(null);
  const [, navigate] = useLocation();
  const opener = useOpener();
  const menu = useRef<HTMLButtonElement>(null);
  const ended = runHasEnded(run.status);
  const compare = useMemo(() => () => void openComparison(run, navigate), [run, navigate]);
  const cancelable = !ended && run.status !== "CANCELING";
  const deleted = gone && "The run was deleted.";
  const noLauncher = useMissingRole("launcher") || deleted;
  const noOperator = useMissingRole("operator") || deleted;
  const cancel = (): void => (noLauncher ? void tell({ title: noLauncher }) : opener.cancel(run));
  useVerbKeys({ run, menu, cancel: cancelable ? cancel : null });
  const repeat = (from: "failure" | "start"): void =>
    void reexecuteRun(run.id, { from }, ({ id }) => navigate(`/runs/${id}${filterOf(location.search)}`));
  const again = repetitions(run, repeat, () => ask("reexecute"));
  const remove: MenuItem = {
    ...{ label: "Delete run…", icon: "close", danger: true, not: noOperator || (!ended && NOT_YET) },
    act: () => ask("delete"),
  };
  // Beside what comes first, a phone has no room for it.
  const short = useNarrow() && (!ended || run.status === "FAILURE");
  return (
    <>
      <Button icon="diff" kind="ghost" onClick={compare}>
        Compare
      </Button>
      {run.status === "FAILURE" && (
        <Button icon="retry" kind="primary" not={noLauncher} onClick={() => repeat("failure")}>
          Re-execute from failure
        </Button>
      )}
      {!short && (
        <Menu items={again}>
          <Button ref={menu} icon="retry" caret not={noLauncher || (!ended && NOT_YET)}>
            Re-execute
          </Button>
        </Menu>
      )}
      {!ended && (
        <Button icon="stop" kind="danger" not={noLauncher || (!cancelable && "It is being canceled.")} onClick={cancel}>
          Cancel run
        </Button>
      )}
      <Menu items={short ? [...inFull(again, noLauncher || (!ended && NOT_YET)), null, remove] : [remove]}>
        <Button icon="more" aria-label="More" {...(short && { ref: menu })} />
      </Menu>
      {asked === "delete" && <AskDelete run={run} onClose={() => ask(null)} />}
      {asked === "reexecute" && <Reexecute run={run} onClose={() => ask(null)} />}
    </>
  );
};

const NOT_YET = "Once the run has ended";

const repetitions = (run: Run, repeat: (from: "failure" | "start") => void, change: () => void): MenuItem[] => [
  {
    label: "From failure",
    icon: "retry",
    not: run.status !== "FAILURE" && "The run has not failed",
    act: () => repeat("failure"),
  },
  { label: "All steps", icon: "retry", act: () => repeat("start") },
  { label: "With changed config…", icon: "edit", act: change },
];

/** Among others they say what they do. */
const inFull = (again: readonly MenuItem[], not: string | false | undefined): MenuItem[] =>
  again.map((item) => ({
    ...item,
    label: `Re-execute ${item.label.charAt(0).toLowerCase()}${item.label.slice(1)}`,
    not: not || item.not,
  }));

/** A filter survives the re-execution. */
const filterOf = (search: string): string => {
  const f = new URLSearchParams(search).get("f");
  return f ? `?f=${encodeURIComponent(f)}` : "";
};

interface KeysOf {
  run: Run;
  menu: { current: HTMLButtonElement | null };
  cancel: (() => void) | null;
}

const useVerbKeys = ({ run, menu, cancel }: KeysOf): void => {
  const latest = useRef(cancel);
  useEffect(() => {
    latest.current = cancel;
  });
  useKeys(
    useMemo<KeyGroup>(
      () => ({
        title: "Run",
        bindings: [
          { keys: "r", label: "Re-execute", act: () => menu.current?.click() },
          { keys: "c", label: "Cancel run", act: () => (latest.current ? latest.current() : false) },
        ],
      }),
      [menu],
    ),
  );
  useCommands(
    useMemo(
      () => [
        { title: `Re-execute run ${shortId(run.id)}`, icon: "retry", keys: "r", act: () => menu.current?.click() },
        { title: `Cancel run ${shortId(run.id)}`, icon: "stop", keys: "c", act: () => latest.current?.() },
      ],
      [run.id, menu],
    ),
  );
};
