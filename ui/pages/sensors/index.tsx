import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo, useState } from "react";
import type { SensorItem } from "../../../client";
import { useMissingRole } from "../../data/me";
import { sensorItemsQuery } from "../../data/sensors";
import { useParam } from "../../data/url";
import { PageTop } from "../../frame/page-top";
import { Button } from "../../parts/buttons";
import { count, counted } from "../../parts/format";
import { late } from "../../parts/late";
import { SearchBox } from "../../parts/search-box";
import { Empty, Loaded } from "../../parts/states";
import { StatusIcon } from "../../parts/status";
import { type Facet, fitsText, fitting, isFailing, useOrdered } from "./choose";
import { SensorList } from "./sensor-list";
import "./sensors.css";

const SensorPanel = late(() => import("./panel"));
const TurnAllOff = late(() => import("./turn-all-off"));

export default function SensorsPage(): ReactNode {
  const query = useQuery(sensorItemsQuery);
  const [selected, setSelected] = useParam("sel");
  const sensors = query.data;
  return (
    <>
      <Top sensors={sensors ?? []} />
      <Facets sensors={sensors ?? []} narrow />
      <Loaded query={query} failed="Sensors could not be loaded">
        {(all) =>
          all.length === 0 ? (
            <NoSensors />
          ) : (
            <div className={`sensors ${selected === "" ? "" : "split"}`}>
              <Shown all={all} selected={selected} />
              {selected !== "" && (
                <SensorPanel
                  key={selected}
                  name={selected}
                  item={all.find(({ name }) => name === selected)}
                  onClose={() => setSelected(null)}
                  coming={<aside className="sensor-panel" aria-busy="true" aria-label={`Sensor ${selected}`} />}
                />
              )}
            </div>
          )
        }
      </Loaded>
    </>
  );
}

const Top = ({ sensors }: { sensors: readonly SensorItem[] }): ReactNode => {
  const [asking, setAsking] = useState(false);
  const not = useMissingRole("operator");
  const on = sensors.filter(({ status }) => status === "RUNNING");
  const failing = sensors.filter(isFailing).length;
  const actions = (
    <>
      <Search />
      {sensors.length > 0 && (
        <Button
          icon="pause"
          kind="ghost"
          not={not || (on.length === 0 && "No sensor is on.")}
          onClick={() => setAsking(true)}
        >
          Turn all off…
        </Button>
      )}
    </>
  );
  const beside = (
    <>
      <span className="wide-only">
        <Facets sensors={sensors} />
      </span>
      {failing > 0 && (
        <span className="narrow-only">
          <span className="row t-failure num" style={{ gap: 4 }}>
            <StatusIcon status="FAILURE" size={13} />
            <span>
              <b>{count(failing)}</b> failing
            </span>
          </span>
        </span>
      )}
    </>
  );
  return (
    <>
      <PageTop title="Sensors" beside={beside} actions={actions} onPhones="below" />
      {asking && <TurnAllOff names={on.map(({ name }) => name)} onClose={() => setAsking(false)} />}
    </>
  );
};

/** How many there are of each kind; one that is chosen is a filter. */
const Facets = ({ sensors, narrow }: { sensors: readonly SensorItem[]; narrow?: boolean }): ReactNode => {
  const [state, setState] = useParam("state");
  const facet = (name: Facet, n: number): ReactNode => {
    const chosen = state === name;
    return (
      <button
        key={name}
        type="button"
        aria-pressed={chosen}
        className={name === "failing" && n > 0 ? "t-failure" : ""}
        onClick={() => setState(chosen ? null : name, { push: true })}
      >
        {name === "failing" && n > 0 && <StatusIcon status="FAILURE" size={12} />}
        <b className="num">{count(n)}</b> {name}
      </button>
    );
  };
  const on = sensors.filter(({ status }) => status === "RUNNING").length;
  return (
    <div className={`facets sensor-facets ${narrow ? "narrow-row" : ""}`} role="group" aria-label="States">
      {facet("on", on)}
      {facet("failing", sensors.filter(isFailing).length)}
      {facet("off", sensors.length - on)}
    </div>
  );
};

const Search = (): ReactNode => {
  const [q, setQ] = useParam("q");
  return <SearchBox label="Filter sensors" group="Sensors" value={q} onChange={setQ} />;
};

const Shown = ({ all, selected }: { all: readonly SensorItem[]; selected: string }): ReactNode => {
  const [q, setQ] = useParam("q");
  const [state, setState] = useParam("state");
  const ordered = useOrdered(all);
  const rows = useMemo(
    () => ordered.filter((sensor) => fitsText(sensor, q) && fitting(sensor, state)),
    [ordered, q, state],
  );
  if (rows.length > 0) return <SensorList rows={rows} selected={selected} />;
  const clear = (): void => {
    setQ(null);
    setState(null);
  };
  return (
    <Empty
      title={`None of ${counted(all.length, "sensor")} fits`}
      acts={
        <Button icon="close" onClick={clear}>
          Remove the filter
        </Button>
      }
    >
      {q !== "" && (
        <>
          No {state} name or job contains <b className="mono">{q}</b>.
        </>
      )}
    </Empty>
  );
};

const NoSensors = (): ReactNode => (
  <Empty icon="sensors" title="No sensors yet" command="npx dqueue sensors list">
    A sensor looks at something every few seconds and launches runs when there is work. Export one with{" "}
    <b className="mono">sensor(…)</b> from the folder of jobs, and it appears here.
  </Empty>
);
