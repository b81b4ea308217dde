import { Dialog as Radix } from "radix-ui";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Key } from "../parts/buttons";
import { useFocusReturn } from "../parts/focus-return";
import { Icon } from "../parts/icon";
import { StatusIcon } from "../parts/status";
import { type Hit, type HitGroup, useHits } from "./palette-hits";

/** Finds runs by the beginning of their id, jobs, sensors, workers and verbs. */
export default function Palette({ start, onClose }: { start: string; onClose(): void }): ReactNode {
  const [text, setText] = useState(start);
  const [at, setAt] = useState(0);
  const groups = useHits(text);
  const hits = groups.flatMap(({ hits }) => hits);
  const current = Math.min(at, hits.length - 1);
  const list = useId();
  useFocusReturn();
  const choose = (hit: Hit | undefined): void => {
    if (!hit) return;
    onClose();
    hit.act();
  };
  const press = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && hits.length > 0) {
      event.preventDefault();
      setAt((current + step + hits.length) % hits.length);
    }
    if (event.key === "Enter") choose(hits[current]);
  };
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <div className="shade" />
        <Radix.Content className="palette" aria-describedby={undefined} onKeyDown={press}>
          <Radix.Title className="sr">Search or run</Radix.Title>
          <label className="ask">
            <Icon name="search" size={16} />
            <input
              role="combobox"
              aria-expanded="true"
              aria-controls={list}
              aria-activedescendant={hits[current] && `${list}-${current}`}
              aria-label="Search or run"
              placeholder="Run id, job, sensor, worker, or a verb"
              spellCheck={false}
              autoComplete="off"
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setAt(0);
              }}
            />
            <Key>Esc</Key>
          </label>
          <Hits id={list} groups={groups} current={current} text={text} choose={choose} point={setAt} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface HitsProps {
  id: string;
  groups: readonly HitGroup[];
  current: number;
  text: string;
  choose(hit: Hit): void;
  point(at: number): void;
}

const Hits = ({ id, groups, current, text, choose, point }: HitsProps): ReactNode => {
  let at = -1;
  return (
    <>
      <div className="found" role="listbox" id={id} aria-label="What fits">
        {groups.map(({ title, hits }) => (
          <div key={title} role="group" aria-label={title}>
            <div className="group" aria-hidden="true">
              {title}
            </div>
            {hits.map((hit) => {
              const own = ++at;
              return (
                <Row
                  key={hit.id}
                  hit={hit}
                  id={`${id}-${own}`}
                  on={own === current}
                  choose={choose}
                  point={() => point(own)}
                />
              );
            })}
          </div>
        ))}
      </div>
      {groups.length === 0 && <div className="none">Nothing fits “{text}”.</div>}
    </>
  );
};

interface RowProps {
  hit: Hit;
  id: string;
  on: boolean;
  choose(hit: Hit): void;
  point(): void;
}

const Row = ({ hit, id, on, choose, point }: RowProps): ReactNode => {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (on) row.current?.scrollIntoView({ block: "nearest" });
  }, [on]);
  return (
    <div
      ref={row}
      id={id}
      className="hit"
      role="option"
      aria-selected={on}
      onClick={() => choose(hit)}
      onMouseMove={point}
    >
      {hit.status ? <StatusIcon status={hit.status} size={15} /> : <Icon name={hit.icon} size={15} />}
      <span className={`grow ell ${hit.code ? "mono" : ""}`}>{hit.title}</span>
      {hit.beside !== undefined && <span className="num dim nw">{hit.beside}</span>}
      {hit.keys !== undefined && <Key>{hit.keys}</Key>}
    </div>
  );
};
