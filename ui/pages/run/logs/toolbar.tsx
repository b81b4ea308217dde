import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import type { LogFilter } from "../../../../client";
import { api } from "../../../data/client";
import { graphQuery } from "../../../data/queries";
import { writeParams } from "../../../data/url";
import { type KeyGroup, useKeys } from "../../../frame/keys";
import { Button, refusing } from "../../../parts/buttons";
import { Token } from "../../../parts/chips";
import { count } from "../../../parts/format";
import { Icon } from "../../../parts/icon";
import { Menu } from "../../../parts/menu";
import { SearchBox } from "../../../parts/search-box";
import { useRunSteps } from "../steps/run-steps";
import type { LogBook } from "./log-book";
import { KINDS, type LogAddress, toggleKind } from "./log-filter";

interface Props {
  runId: string;
  address: LogAddress;
  book: LogBook | undefined;
  /** Which of the matches is shown, from 0. */
  match: number | null;
  step(by: 1 | -1): void;
}

/** What is shown of the lines, and what is looked for. */
export const Toolbar = (props: Props): ReactNode => {
  const { runId, address, book } = props;
  const { filter } = address;
  return (
    <div className="lt">
      <Find {...props} />
      <Tokens filter={filter} />
      {filter.step === undefined && <Ops runId={runId} />}
      {filter.worker === undefined && <Workers />}
      <span className="grow" />
      <div className="kinds" role="group" aria-label="Kinds of lines">
        {KINDS.map(({ kind, word, tone }) => {
          const n = book?.kinds[kind] ?? 0;
          return (
            <button
              key={kind}
              type="button"
              className={`lvl num ${tone && n > 0 ? `t-${tone}` : ""}`}
              aria-pressed={!address.hidden.has(kind)}
              onClick={() => toggleKind(address.hidden, kind)}
            >
              {word} {book ? short(n) : ""}
            </button>
          );
        })}
      </div>
      <Button
        small
        kind="ghost"
        aria-pressed={address.wrap}
        onClick={() => writeParams({ wrap: address.wrap ? null : "1" })}
      >
        Wrap
      </Button>
      <Download runId={runId} address={address} />
    </div>
  );
};

const FILTERS = ["step", "attempt", "worker"] as const;

/** What the lines are of, to be taken away. */
const Tokens = ({ filter }: { filter: LogFilter }): ReactNode =>
  FILTERS.filter((name) => filter[name] !== undefined).map((name) => (
    <Token
      key={name}
      name={`${name} `}
      value={<span className="mono ell">{filter[name]}</span>}
      spoken={`${name} ${filter[name]}`}
      onRemove={() => writeParams({ [name]: null }, { push: true })}
    />
  ));

/** `9.1 k`: six of them share a line. */
const short = (n: number): string => (n < 1_000 ? count(n) : `${(n / 1000).toFixed(n < 10_000 ? 1 : 0)}\u00a0k`);

const Find = ({ address, book, match, step }: Props): ReactNode => {
  const { find } = address;
  useFindKeys(step);
  return (
    <SearchBox
      label="Find in logs"
      group="Logs"
      className="fin"
      value={find}
      onChange={(text) => writeParams({ find: text })}
      onEnter={(backwards) => step(backwards ? -1 : 1)}
    >
      {find !== "" && book && (
        <span className="num dim nw" role="status">
          {book.matchCount === 0 ? "none" : `${match === null ? "–" : count(match + 1)} of ${count(book.matchCount)}`}
        </span>
      )}
      {([-1, 1] as const).map((by) => (
        <button
          key={by}
          type="button"
          className="go"
          aria-label={by < 0 ? "Previous match" : "Next match"}
          onClick={() => step(by)}
          {...refusing(!book?.matchCount && "No line fits.")}
        >
          <Icon name={by < 0 ? "up" : "down"} size={13} />
        </button>
      ))}
      <Modes mode={address.mode} />
    </SearchBox>
  );
};

const Modes = ({ mode }: { mode: LogAddress["mode"] }): ReactNode => {
  const [cased, regex] = [mode.startsWith("case"), mode.endsWith("regex")];
  const set = (nextCased: boolean, nextRegex: boolean): void =>
    writeParams({ how: [...(nextCased ? ["case"] : []), ...(nextRegex ? ["regex"] : [])].join("-") });
  const options = [
    { sign: "Aa", name: "Match case", on: cased, act: () => set(!cased, regex) },
    { sign: ".*", name: "Regular expression", on: regex, act: () => set(cased, !regex) },
  ];
  return options.map(({ sign, name, on, act }) => (
    <button
      key={sign}
      type="button"
      className="opt mono"
      aria-label={name}
      title={name}
      aria-pressed={on}
      onClick={act}
    >
      <span aria-hidden="true">{sign}</span>
    </button>
  ));
};

const useFindKeys = (step: (by: 1 | -1) => void): void => {
  const group = useMemo<KeyGroup>(
    () => ({
      title: "Logs",
      bindings: [
        { keys: "n", label: "Next match", act: () => step(1) },
        { keys: "N", label: "Previous match", act: () => step(-1) },
      ],
    }),
    [step],
  );
  useKeys(group);
};

const Ops = ({ runId }: { runId: string }): ReactNode => {
  const { data: graph } = useQuery(graphQuery(runId));
  return <OnlyOne word="Step" param="step" names={(graph?.nodes ?? []).map(({ name }) => name)} />;
};

/** Those that worked for the run. */
const Workers = (): ReactNode => {
  const { steps } = useRunSteps();
  const names = steps?.workers.list.toSorted() ?? [];
  return names.length > 0 && <OnlyOne word="Worker" param="worker" names={names} />;
};

/** Keeps the lines of one of these alone. */
const OnlyOne = ({ word, param, names }: { word: string; param: string; names: readonly string[] }): ReactNode => (
  <Menu items={names.map((name) => ({ label: name, act: () => writeParams({ [param]: name }, { push: true }) }))}>
    <Button small kind="ghost" icon="plus">
      {word}
    </Button>
  </Menu>
);

const Download = ({ runId, address: { filter, partial } }: { runId: string; address: LogAddress }): ReactNode => {
  const items = ([partial, false] as const).slice(partial ? 0 : 1).flatMap((filtered) =>
    (["text", "ndjson"] as const).map((format) => ({
      label: `${filtered ? "What is shown" : "All lines"} as ${format === "text" ? "text" : "JSON lines"}`,
      act: () => location.assign(api.runs.logsUrl(runId, { ...(filtered && filter), format })),
    })),
  );
  return (
    <Menu items={items}>
      <Button small icon="download" aria-label="Download" />
    </Menu>
  );
};
