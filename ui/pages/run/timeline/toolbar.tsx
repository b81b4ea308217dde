import type { ReactNode } from "react";
import { useParam } from "../../../data/url";
import { Button, Segments } from "../../../parts/buttons";
import { Icon } from "../../../parts/icon";
import { SearchBox } from "../../../parts/search-box";
import { readStepFilter, writeStepFilter } from "../steps/step-filter";
import type { Mode } from "./timeline";
import type { View } from "./view";

const MODES: readonly { value: Mode; label: string }[] = [
  { value: "flat", label: "Flat" },
  { value: "waterfall", label: "Waterfall" },
  { value: "timed", label: "Timed" },
  { value: "worker", label: "By worker" },
];

interface Props {
  mode: Mode;
  setMode(mode: Mode): void;
  table: boolean;
  setTable(on: boolean): void;
  view: View;
  goTo: ReactNode;
}

export const Toolbar = ({ mode, setMode, table, setTable, view, goTo }: Props): ReactNode => {
  const [path, setPath] = useParam("path");
  const [fold, setFold] = useParam("fold");
  const timed = mode !== "waterfall" && !table;
  return (
    <div className="gtools">
      <Segments label="Mode" value={mode} options={MODES} onChange={(next) => setMode(next)} />
      <StepSearch />
      {goTo}
      {timed && mode !== "worker" && (
        <Toggle on={path === ""} icon="flow" label="Critical path" toggle={() => setPath(path === "" ? "0" : null)} />
      )}
      <Toggle on={table} icon="menu" label="Table" toggle={() => setTable(!table)} />
      {timed && (
        // Idle stretches come and go: its place is kept, so that nothing moves.
        <span className={view.folds.length > 0 || fold === "0" ? "" : "away"}>
          <Toggle on={fold !== "0"} icon="fold" label="Fold idle" toggle={() => setFold(fold === "0" ? null : "0")} />
        </span>
      )}
      <span className="grow" />
      {timed && (
        <span className="row gzoom">
          <Button small kind="ghost" icon="minus" aria-label="Zoom out" onClick={() => view.zoomOut()} />
          <Button small kind="ghost" icon="plus" aria-label="Zoom in" onClick={() => view.zoomIn()} />
          <Button small kind="ghost" icon="fit" aria-label="Show the whole run" onClick={() => view.show(null)} />
        </span>
      )}
    </div>
  );
};

interface ToggleProps {
  on: boolean;
  icon: "flow" | "fold" | "menu";
  label: string;
  toggle(): void;
}

const Toggle = ({ on, icon, label, toggle }: ToggleProps): ReactNode => (
  <button type="button" className="tgl" aria-label={label} title={label} aria-pressed={on} onClick={toggle}>
    <Icon name={icon} size={13} />
    <span>{label}</span>
  </button>
);

/** Looks for steps by name, key or worker. */
const StepSearch = (): ReactNode => {
  const [f, setF] = useParam("f");
  const filter = readStepFilter(f);
  return (
    <SearchBox
      label="Filter steps"
      group="Timeline"
      className="gsearch"
      value={filter.text}
      onChange={(text) => setF(writeStepFilter({ ...filter, text }))}
    />
  );
};
