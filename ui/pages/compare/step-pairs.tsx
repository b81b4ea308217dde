import { type ReactNode, useState } from "react";
import { useParam } from "../../data/url";
import { Button, Segments } from "../../parts/buttons";
import { counted, duration } from "../../parts/format";
import { Empty } from "../../parts/states";
import { type Status, StatusWord } from "../../parts/status";
import type { StepPair } from "./pairs";

const VIEWS = [
  { value: "all", label: "All" },
  { value: "different", label: "Only different" },
] as const;
type View = (typeof VIEWS)[number]["value"];
const AT_FIRST = 100;

/** Steps of both runs, matched by key. */
export const StepPairs = ({ pairs }: { pairs: readonly StepPair[] }): ReactNode => {
  const [only, setOnly] = useParam("only");
  const [most, setMost] = useState(AT_FIRST);
  const fitting = only === "all" ? pairs : pairs.filter(({ differs }) => differs);
  const longest = fitting.reduce((most, { a, b }) => Math.max(most, a ?? 0, b ?? 0), 1);
  return (
    <section className="card" aria-labelledby="cm-steps">
      <header>
        <h2 id="cm-steps">Steps</h2>
        <span className="dim wide-only">matched by key, largest difference first within an op</span>
        <span className="grow" />
        <span className="lgd">
          <i className="pa" />A
        </span>
        <span className="lgd">
          <i className="pb" />B
        </span>
        <Segments<View>
          label="Which steps"
          value={only === "all" ? "all" : "different"}
          options={VIEWS}
          onChange={(next) => setOnly(next === "all" ? next : null)}
        />
      </header>
      {fitting.length === 0 ? (
        <Empty icon="check" title="No step differs" />
      ) : (
        <table className="table fixed lines two pairs">
          <Head />
          <tbody>
            {fitting.slice(0, most).map((pair) => (
              <PairRow key={`${pair.group} ${pair.key}`} pair={pair} longest={longest} />
            ))}
          </tbody>
        </table>
      )}
      {fitting.length > most && (
        <footer>
          <Button small kind="ghost" onClick={() => setMost(most * 5)}>
            {`${counted(fitting.length - most, "more step")}`}
          </Button>
        </footer>
      )}
    </section>
  );
};

const COLUMNS: readonly (readonly [title: string, className?: string])[] = [
  ["Step"],
  ["A"],
  ["B"],
  ["Duration", "bars"],
  ["A", "fig"],
  ["B", "fig"],
  ["Change", "fig"],
  ["Note"],
];

const Head = (): ReactNode => (
  <thead>
    <tr>
      {COLUMNS.map(([title, className], i) => (
        <th key={i} scope="col" className={className}>
          {title}
        </th>
      ))}
    </tr>
  </thead>
);

const PairRow = ({ pair, longest }: { pair: StepPair; longest: number }): ReactNode => {
  const { key, node, group, statusA, statusB, a, b, note } = pair;
  return (
    <tr>
      <th scope="row" className={`mono rest ${key === node ? "strong" : "ch"}`} title={group ? `${key}, mapped` : key}>
        {key} {group && <span className="cnt">mapped</span>}
      </th>
      <td>
        <StatusOf status={statusA} />
      </td>
      <td>
        <StatusOf status={statusB} />
      </td>
      <td className="bars wide" aria-hidden="true">
        <span className="pair">
          <i className={a === null ? "pn" : "pa"} style={a === null ? {} : { width: `${(100 * a) / longest}%` }} />
          <i className={b === null ? "pn" : "pb"} style={b === null ? {} : { width: `${(100 * b) / longest}%` }} />
        </span>
      </td>
      <td className="fig t2 below">{a === null ? "—" : duration(a)}</td>
      <td className="fig below">{b === null ? "—" : duration(b)}</td>
      <td className={`fig below ${a !== null && b !== null && b > 1.5 * a ? "strong" : "t2"}`}>{changeOf(a, b)}</td>
      <td className="t2 below rest" title={note}>
        {note}
      </td>
    </tr>
  );
};

const changeOf = (a: number | null, b: number | null): string => {
  if (a === null || b === null || a === 0) return "";
  const percent = Math.round((100 * (b - a)) / a);
  return `${percent < 0 ? "−" : "+"}${Math.abs(percent)}\u00a0%`;
};

const StatusOf = ({ status }: { status: Status | null }): ReactNode =>
  status === null ? <span className="dim">not there</span> : <StatusWord status={status} />;
