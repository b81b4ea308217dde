import type { ReactNode } from "react";
import { useLocation } from "wouter";
import type { Run } from "../../../../client";
import { cache } from "../../../data/cache";
import { deleteRun } from "../../../data/run-actions";
import { Confirm } from "../../../parts/dialog";
import { shortId } from "../../../parts/format";

/** Says what is lost before it is. */
export default function AskDelete({ run, onClose }: { run: Run; onClose(): void }): ReactNode {
  const [, navigate] = useLocation();
  const act = async (): Promise<void> => {
    onClose();
    if (!(await deleteRun(run.id))) return;
    navigate("/runs");
    // Who comes back by Back is told that it is gone.
    cache.removeQueries({ queryKey: ["run", run.id] });
    await cache.resetQueries({ queryKey: ["runs"] });
  };
  return (
    <Confirm
      title={`Delete run ${shortId(run.id)}?`}
      about="Its steps, events, logs and values go with it. This cannot be undone."
      keep="Keep"
      act="Delete run"
      icon="close"
      danger
      onAct={() => void act()}
      onClose={onClose}
    />
  );
}
