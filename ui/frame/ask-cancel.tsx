import type { ReactNode } from "react";
import { cancelRun } from "../data/run-actions";
import { Confirm } from "../parts/dialog";
import { shortId } from "../parts/format";
import type { NamedRun } from "./opener";

/** Says what a cancel does before it is asked for. */
export default function AskCancel({ run: { id, job }, onClose }: { run: NamedRun; onClose(): void }): ReactNode {
  return (
    <Confirm
      title={`Cancel run ${shortId(id)}?`}
      about={
        <>
          Steps of <b>{job}</b> that run are told to stop, and are ended after a grace. Steps that wait never begin.
          What has succeeded stays.
        </>
      }
      keep="Keep running"
      act="Cancel run"
      icon="stop"
      danger
      onAct={() => {
        onClose();
        void cancelRun(id);
      }}
      onClose={onClose}
    />
  );
}
