import type { ReactNode } from "react";
import type { RunItem, RunStatus } from "../../../client";
import { actOnAll, type Verb } from "./act-on-all";
import { Ask } from "./ask";

interface Props {
  runs: readonly RunItem[];
  verb: Verb;
  onClose(): void;
  done(): void;
}

/** Asks before something is done to runs that were chosen one by one, and does it. */
export default function AskRows({ runs, verb, onClose, done }: Props): ReactNode {
  const byStatus = new Map<RunStatus, number>();
  for (const { status } of runs) byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
  const start = (): void => {
    onClose();
    done();
    void actOnAll(verb, runs);
  };
  return <Ask verb={verb} n={runs.length} byStatus={[...byStatus]} onAct={start} onClose={onClose} />;
}
