import type { ReactNode } from "react";
import type { Run } from "../../../../client";
import { cancelRun } from "../../../data/run-actions";
import { Confirm } from "../../../parts/dialog";
import { shortId } from "../../../parts/format";

/** Says what a cancel does before it is asked for. */
export default function AskCancel({ run, onClose }: { run: Run; onClose(): void }): ReactNode {
  return (
    <Confirm
      title={`Cancel run ${shortId(run.id)}?`}
      about={
        <>
          Steps of <b>{run.job}</b> that run are told to stop, and are ended after a grace. Steps that wait never begin.
          What has succeeded stays.
        </>
      }
      keep="Keep running"
      act="Cancel run"
      icon="stop"
      danger
      onAct={() => {
        onClose();
        void cancelRun(run.id);
      }}
      onClose={onClose}
    />
  );
}
