import type { ReactNode } from "react";
import { api } from "../../data/client";
import { cache } from "../../data/cache";
import { Confirm } from "../../parts/dialog";
import { count, counted } from "../../parts/format";
import { tell } from "../../parts/toasts";
import { useTypedCount } from "../../parts/typed-count";

/** One after the other, with one way back for all; one that is refused keeps no other from its turn. */
const switchAll = async (names: readonly string[], on: boolean): Promise<void> => {
  const update = tell({ title: `Turning ${counted(names.length, "sensor")} ${on ? "on" : "off"}…`, stays: true });
  const done: string[] = [];
  const refused: string[] = [];
  for (const name of names) {
    try {
      await (on ? api.sensors.start(name) : api.sensors.stop(name));
      done.push(name);
    } catch (error) {
      refused.push(`${name}: ${(error as Error).message}`);
    }
  }
  update({
    title: `${counted(done.length, "sensor")} turned ${on ? "on" : "off"}${refused.length > 0 ? `, ${count(refused.length)} refused` : ""}`,
    ...(!on && done.length > 0 && { undo: () => void switchAll(done, true) }),
    ...(refused.length > 0 && { body: refused.join("\n"), stays: true }),
  });
  await cache.invalidateQueries({ queryKey: ["sensors"] });
};

export default function TurnAllOff({ names, onClose }: { names: readonly string[]; onClose(): void }): ReactNode {
  const n = names.length;
  const { unconfirmed, field } = useTypedCount(n);
  return (
    <Confirm
      title={`Turn ${counted(n, "sensor")} off?`}
      about="They launch nothing until they are turned on again. Cursors stay, so that they go on where they stopped; runs that go on are not touched."
      keep="Keep them on"
      act={`Turn ${counted(n, "sensor")} off`}
      icon="pause"
      danger
      not={unconfirmed}
      onAct={() => {
        onClose();
        void switchAll(names, false);
      }}
      onClose={onClose}
    >
      {field}
    </Confirm>
  );
}
