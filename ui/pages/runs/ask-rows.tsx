import { type ReactNode, useState } from "react";
import type { RunItem, RunStatus } from "../../../client";
import { startBulk } from "../../data/bulk";
import { useMissingRole } from "../../data/me";
import { CLICKED } from "../../parts/typed-count";
import { actOf, actOnAll, type Verb } from "./act-on-all";
import { Ask } from "./ask";

interface Props {
  runs: readonly RunItem[];
  verb: Verb;
  onClose(): void;
  done(): void;
}

/**
 * Asks before something is done to runs that were chosen one by one. A few are dealt with from here; many are the
 * server's to go through, so that they are whether this page stays or not. That is for operators: whoever is none acts on
 * one after the other.
 */
export default function AskRows({ runs, verb, onClose, done }: Props): ReactNode {
  const [refused, setRefused] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const noOperator = useMissingRole("operator");
  const byStatus = new Map<RunStatus, number>();
  for (const { status } of runs) byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
  const start = async (): Promise<void> => {
    setBusy(true);
    try {
      if (runs.length > CLICKED && !noOperator)
        await startBulk({ ...actOf(verb), filter: { id: runs.map(({ id }) => id) }, count: runs.length });
      else void actOnAll(verb, runs);
      onClose();
      done();
    } catch (error) {
      setRefused((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <Ask {...{ verb, refused, busy, onClose }} n={runs.length} byStatus={[...byStatus]} onAct={() => void start()} />
  );
}
