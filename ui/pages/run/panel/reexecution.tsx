import { type ReactNode, useState } from "react";
import type { Run } from "../../../../client";
import { useMissingRole } from "../../../data/me";
import { Button } from "../../../parts/buttons";
import { late } from "../../../parts/late";
import { runHasEnded } from "../../../parts/status";

const Reexecute = late(() => import("../header/reexecute"));

/** Repeats the run from one step on. */
export const Reexecution = ({ run, stepKey }: { run: Run; stepKey: string }): ReactNode => {
  const [asked, ask] = useState(false);
  const ended = runHasEnded(run.status);
  return (
    <>
      <Button
        icon="retry"
        not={useMissingRole("launcher") || (!ended && "Once the run has ended")}
        onClick={() => ask(true)}
      >
        Re-execute this step
      </Button>
      {asked && <Reexecute run={run} steps={[`${stepKey}+`]} onClose={() => ask(false)} />}
    </>
  );
};
