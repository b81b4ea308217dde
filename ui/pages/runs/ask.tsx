import type { ReactNode } from "react";
import type { RunStatus } from "../../../client";
import { UNDER_WAY } from "../../parts/buttons";
import { Confirm } from "../../parts/dialog";
import { count, counted } from "../../parts/format";
import { StatusWord } from "../../parts/status";
import { useTypedCount } from "../../parts/typed-count";
import type { Verb } from "./act-on-all";

const ASKS: Readonly<Record<Verb, { act: string; keep: string; icon: "stop" | "close" | "retry"; about: string }>> = {
  cancel: {
    act: "Cancel",
    keep: "Keep running",
    icon: "stop",
    about: "Steps that run are told to stop, and are ended after a grace.",
  },
  delete: {
    act: "Delete",
    keep: "Keep",
    icon: "close",
    about: "Their steps, events, logs and values go with them. This cannot be undone.",
  },
  start: {
    act: "Re-execute",
    keep: "Leave it",
    icon: "retry",
    about: "Each is repeated with its own config, all steps of it.",
  },
  failure: {
    act: "Re-execute",
    keep: "Leave it",
    icon: "retry",
    about: "Each is repeated from its failure: what succeeded is taken over.",
  },
};

const EFFECTS: Partial<Record<RunStatus, string>> = {
  STARTED: "steps are told to stop",
  STARTING: "steps are told to stop",
  QUEUED: "never begins",
};

interface AskProps {
  verb: Verb;
  /** How many are to be confirmed. */
  n: number;
  /** They are those of a filter: their number is typed, however few they are. */
  ofFilter?: ReactNode;
  byStatus: readonly (readonly [RunStatus, number])[];
  /** What the server had against it. */
  refused?: string | null;
  /** It is under way. */
  busy?: boolean;
  onAct(): void;
  onClose(): void;
}

/** Asks before something is done to many runs. */
export const Ask = ({ verb, n, ofFilter, byStatus, refused, busy, onAct, onClose }: AskProps): ReactNode => {
  const { act, keep, icon, about } = ASKS[verb];
  const { unconfirmed, field } = useTypedCount(n, ofFilter !== undefined);
  const what = `${act} ${counted(n, "run")}`;
  return (
    <Confirm
      title={`${what}?`}
      about={
        <>
          {ofFilter} {about}
        </>
      }
      keep={keep}
      act={what}
      icon={icon}
      danger={verb === "delete" || verb === "cancel"}
      not={busy ? UNDER_WAY : unconfirmed || (n === 0 && "No run is left to act on.")}
      onAct={onAct}
      onClose={onClose}
    >
      <div className="effects num">
        {byStatus.map(([status, of]) => (
          <div key={status} style={{ display: "contents" }}>
            <StatusWord status={status}> · {count(of)}</StatusWord>
            <span className="t2">{verb === "cancel" ? EFFECTS[status] : ""}</span>
          </div>
        ))}
      </div>
      {refused && (
        <p role="alert" className="t-failure small">
          {refused}
        </p>
      )}
      {n > 0 && field}
    </Confirm>
  );
};
