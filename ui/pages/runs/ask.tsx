import { type ReactNode, useState } from "react";
import type { RunItem, RunStatus } from "../../../client";
import { Confirm } from "../../parts/dialog";
import { count, counted } from "../../parts/format";
import { StatusWord } from "../../parts/status";
import { actOnAll, type Verb } from "./act-on-all";

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

/** More than this is typed, not clicked. */
const CLICKED = 20;

const EFFECTS: Partial<Record<RunStatus, string>> = {
  STARTED: "steps are told to stop",
  STARTING: "steps are told to stop",
  QUEUED: "never begins",
};

interface AskProps {
  runs: readonly RunItem[];
  verb: Verb;
  onClose(): void;
  done(): void;
}

/** Asks before something is done to runs, and does it. */
export default function Ask({ runs, verb, onClose, done }: AskProps): ReactNode {
  const [typed, setTyped] = useState("");
  const { act, keep, icon, about } = ASKS[verb];
  const n = runs.length;
  const byStatus = new Map<RunStatus, number>();
  for (const { status } of runs) byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
  const what = `${act} ${counted(n, "run")}`;
  const start = (): void => {
    onClose();
    done();
    void actOnAll(verb, runs);
  };
  return (
    <Confirm
      title={`${what}?`}
      about={about}
      keep={keep}
      act={what}
      icon={icon}
      danger={verb === "delete" || verb === "cancel"}
      disabled={n > CLICKED && typed.trim() !== String(n)}
      onAct={start}
      onClose={onClose}
    >
      <div className="effects num">
        {[...byStatus].map(([status, of]) => (
          <div key={status} style={{ display: "contents" }}>
            <StatusWord status={status}> · {count(of)}</StatusWord>
            <span className="t2">{verb === "cancel" ? EFFECTS[status] : ""}</span>
          </div>
        ))}
      </div>
      {n > CLICKED && (
        <label className="field">
          <span>
            Type <b className="mono">{n}</b> to confirm
          </span>
          <input
            className="input num"
            inputMode="numeric"
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
          />
        </label>
      )}
    </Confirm>
  );
}
