import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, type MouseEvent, type ReactNode, useEffect, useLayoutEffect, useMemo, useRef } from "react";
import type { SensorItem } from "../../../client";
import { useMissingRole } from "../../data/me";
import { switchSensor } from "../../data/sensors";
import { useParam, writeParams } from "../../data/url";
import { type KeyGroup, useKeys } from "../../frame/keys";
import { Button, Switch } from "../../parts/buttons";
import { count } from "../../parts/format";
import { Icon } from "../../parts/icon";
import { useNarrow } from "../../parts/narrow";
import { tell } from "../../parts/toasts";
import { isFailing } from "./choose";
import { TickStrip } from "./strip";
import { LastTick, NextTick, targetOf } from "./words";

const ROW = 52;
const PHONE_ROW = 92;
const PHONE_FAILING_ROW = 174;

/** Opens a sensor's panel. */
const open = (name: string, more: Record<string, string | null> = {}): void =>
  writeParams({ sel: name, tick: null, status: null, ...more }, { push: true });

export const SensorList = ({ rows, selected }: { rows: readonly SensorItem[]; selected: string }): ReactNode => {
  const narrow = useNarrow();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (at) => (!narrow ? ROW : isFailing(rows[at]!) ? PHONE_FAILING_ROW : PHONE_ROW),
    getItemKey: (at) => rows[at]!.name,
    overscan: 12,
  });
  const heights = narrow
    ? rows
        .filter(isFailing)
        .map(({ name }) => name)
        .join()
    : "";
  useLayoutEffect(() => virtual.measure(), [narrow, heights, virtual]);
  useRowKeys(rows, selected, (at) => virtual.scrollToIndex(at));
  return (
    <div
      className="sensor-list stale-ground"
      ref={scroller}
      role="table"
      aria-label="Sensors"
      aria-rowcount={rows.length + 1}
      tabIndex={0}
    >
      <Head />
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const sensor = rows[index]!;
          const Row = narrow ? PhoneRow : WideRow;
          return (
            <div
              key={sensor.name}
              role="row"
              aria-rowindex={index + 2}
              {...(sensor.name === selected && { "aria-current": true })}
              className={`sensor-row ${narrow ? "phone" : ""} ${sensor.status === "STOPPED" ? "off" : ""} ${isFailing(sensor) ? "failing" : ""}`}
              style={{ position: "absolute", top: 0, transform: `translateY(${start}px)` }}
              onClick={(event) => clicked(event) && open(sensor.name)}
            >
              <Row sensor={sensor} />
            </div>
          );
        })}
      </div>
    </div>
  );
};

const Head = (): ReactNode => (
  <div role="rowgroup" className="sensor-head">
    <div role="row" className="sensor-row" aria-rowindex={1}>
      {["On", "Sensor", "Last 40 ticks", "Last tick", "Next"].map((title) => (
        <span key={title} role="columnheader">
          {title}
        </span>
      ))}
      <span role="columnheader" className="right">
        Runs 24 h
      </span>
    </div>
  </div>
);

/** False: it was for a control in the row, or to select text. */
const clicked = ({ target }: MouseEvent): boolean =>
  !(target instanceof Element && target.closest("a, button")) && getSelection()?.isCollapsed !== false;

const OnOff = ({ sensor: { name, status } }: { sensor: SensorItem }): ReactNode => (
  <Switch
    label={`${name} on`}
    on={status === "RUNNING"}
    not={useMissingRole("operator")}
    onChange={(on) => void switchSensor(name, on)}
  />
);

const Name = ({ name }: { name: string }): ReactNode => (
  <button type="button" className="mono strong ell" title={name} onClick={() => open(name)}>
    {name}
  </button>
);

const WideRow = memo(({ sensor }: { sensor: SensorItem }): ReactNode => (
  <>
    <span role="cell">
      <OnOff sensor={sensor} />
    </span>
    <span role="cell" className="name">
      <Name name={sensor.name} />
      <span className="target dim">
        <Icon name="jobs" size={12} />
        <span className="mono ell">{targetOf(sensor)}</span>
      </span>
    </span>
    <span role="cell">
      <TickStrip sensor={sensor} />
    </span>
    <span role="cell" className="last">
      <LastTick sensor={sensor} />
    </span>
    <span role="cell" className={isFailing(sensor) ? "t-retry" : "t2"}>
      <NextTick sensor={sensor} />
    </span>
    <span role="cell" className="right num">
      {count(sensor.activity.runs_24h)}
    </span>
  </>
));

const TryIt = ({ name }: { name: string }): ReactNode => (
  <Button icon="play" not={useMissingRole("operator")} onClick={() => open(name, { dry: "1" })}>
    Dry run
  </Button>
);

const PhoneRow = memo(({ sensor }: { sensor: SensorItem }): ReactNode => (
  <>
    <span role="cell" className="phone-sensor">
      <Name name={sensor.name} />
      <TickStrip sensor={sensor} />
      <span className="row">
        <span className="last-inline ell">
          <LastTick sensor={sensor} inline />
        </span>
        <span className="grow" />
        <span className={isFailing(sensor) ? "t-retry" : "dim"}>
          <NextTick sensor={sensor} />
        </span>
      </span>
      {isFailing(sensor) && (
        <>
          <span className="mono t-failure ell">{sensor.activity.error}</span>
          <span className="row acts">
            <TryIt name={sensor.name} />
            <Button icon="sensors" onClick={() => open(sensor.name)}>
              Ticks
            </Button>
          </span>
        </>
      )}
    </span>
    <span role="cell">
      <OnOff sensor={sensor} />
    </span>
  </>
));

/** j and k move on, with the panel open. */
const useRowKeys = (rows: readonly SensorItem[], selected: string, reveal: (at: number) => void): void => {
  const [, setSelected] = useParam("sel");
  const missing = useMissingRole("operator");
  const latest = useRef({ rows, selected, reveal, missing });
  useEffect(() => {
    latest.current = { rows, selected, reveal, missing };
  });
  useKeys(
    useMemo<KeyGroup>(() => {
      const move = (step: number): void => {
        const { rows, selected, reveal } = latest.current;
        const at = rows.findIndex(({ name }) => name === selected);
        const to = at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step));
        writeParams({ sel: rows[to]!.name, tick: null, status: null });
        reveal(to);
      };
      const flip = (): boolean => {
        const { rows, selected, missing } = latest.current;
        const sensor = rows.find(({ name }) => name === selected);
        if (sensor && missing) tell({ title: missing });
        else if (sensor) void switchSensor(sensor.name, sensor.status === "STOPPED");
        return sensor !== undefined;
      };
      const close = (): boolean => {
        if (latest.current.selected === "") return false;
        setSelected(null);
        return true;
      };
      return {
        title: "Sensors",
        bindings: [
          { keys: "j", label: "Next sensor", act: () => move(1) },
          { keys: "k", label: "Previous sensor", act: () => move(-1) },
          { keys: "x", label: "Turn it on or off", act: flip },
          { keys: "Escape", label: "Close its panel", act: close },
        ],
      };
    }, [setSelected]),
  );
};
