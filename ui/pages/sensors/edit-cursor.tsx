import { type ReactNode, useState } from "react";
import { ApiError } from "../../../client";
import { cache } from "../../data/cache";
import { api } from "../../data/client";
import { Confirm } from "../../parts/dialog";
import { tell } from "../../parts/toasts";

interface Props {
  name: string;
  cursor: string | null;
  onClose(): void;
}

/** Gives a sensor another cursor, unless a tick has moved it meanwhile. */
export default function EditCursor({ name, cursor, onClose }: Props): ReactNode {
  // As it was when the dialog was opened: what a tick does meanwhile is told, not overwritten.
  const [before] = useState(cursor);
  const [text, setText] = useState(cursor ?? "");
  const [wrong, setWrong] = useState<string | null>(null);
  const next = text === "" ? null : text;
  const moved = cursor !== before;
  const save = async (): Promise<void> => {
    try {
      const { version, cursor: current } = await api.sensors.get(name);
      if (current !== before && !moved) return setWrong("A tick has moved the cursor meanwhile.");
      await api.sensors.setCursor(name, next, { version });
      await cache.invalidateQueries({ queryKey: ["sensor", name] });
      tell({
        title: next === null ? `Sensor ${name} has no cursor now` : `Sensor ${name} goes on from its new cursor`,
      });
      onClose();
    } catch (error) {
      setWrong(
        error instanceof ApiError && error.code === "VERSION_CONFLICT"
          ? "It ticked just now: try again."
          : (error as Error).message,
      );
    }
  };
  return (
    <Confirm
      title={`Cursor of ${name}`}
      about="The next tick goes on from it. Run keys stay taken: what was launched before is not launched again."
      keep="Keep it"
      act={next === null ? "Take the cursor away" : "Set the cursor"}
      icon="edit"
      not={next === before && !moved && "Nothing is changed."}
      onAct={() => void save()}
      onClose={onClose}
    >
      <textarea
        className="input mono"
        aria-label="Cursor"
        rows={4}
        spellCheck={false}
        placeholder="none"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <Diff before={cursor} after={next} />
      {moved && <p className="t-retry small">A tick has moved it since this was opened; saving replaces that.</p>}
      {wrong !== null && (
        <p className="t-failure small" role="alert">
          {wrong}
        </p>
      )}
    </Confirm>
  );
}

const Diff = ({ before, after }: { before: string | null; after: string | null }): ReactNode => {
  if (before === after) return <p className="dim small diff-none">Nothing is changed.</p>;
  return (
    <pre className="diff mono" aria-label="Difference">
      {before !== null && <del>- {before}</del>}
      {after !== null && <ins>+ {after}</ins>}
    </pre>
  );
};
