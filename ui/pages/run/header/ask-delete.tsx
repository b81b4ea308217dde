import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useLocation } from "wouter";
import type { Run } from "../../../../client";
import { api } from "../../../data/client";
import { Confirm } from "../../../parts/dialog";
import { shortId } from "../../../parts/format";
import { tell, tellFailure } from "../../../parts/toasts";

/** Says what is lost before it is. */
export default function AskDelete({ run, onClose }: { run: Run; onClose(): void }): ReactNode {
  const [, navigate] = useLocation();
  const client = useQueryClient();
  const name = `Run ${shortId(run.id)}`;
  const act = async (): Promise<void> => {
    onClose();
    try {
      await api.runs.delete(run.id);
      tell({ title: `${name} was deleted` });
      navigate("/runs");
      await client.resetQueries({ queryKey: ["runs"] });
    } catch (error) {
      tellFailure(`${name} was not deleted`, error);
    }
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
