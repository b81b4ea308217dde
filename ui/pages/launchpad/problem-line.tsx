import type { ReactNode } from "react";
import type { Json } from "../../../client";
import { Button } from "../../parts/buttons";
import { counted } from "../../parts/format";
import { Menu } from "../../parts/menu";
import { StatusIcon } from "../../parts/status";
import { changed, type Path, writeConfig } from "./config-text";
import type { Problem } from "./problems";
import { defaultsMissing, type Schema, schemaAt, skeletonOf } from "./schema";
import type { Launchpad } from "./use-launchpad";

const SHOWN = 3;

/** What is wrong with the document and where, and what mends it. */
export const ProblemLine = ({
  pad,
  schema,
  goTo,
}: {
  pad: Launchpad;
  schema: Schema;
  goTo(at: number): void;
}): ReactNode => {
  const { problems, draft, config, change, edit, discard } = pad;
  const missing = problems.filter(({ kind }) => kind === "missing");
  const extra = problems.filter(({ kind }) => kind === "extra");
  const defaults = config.value === null ? [] : defaultsMissing(schema, config.value);
  const add = (): void =>
    edit(missing.map(({ path }): [Path, Json] => [path, skeletonOf(schema, schemaAt(schema, path))]));
  const remove = (): void => edit(extra.map(({ path }): [Path, undefined] => [path, undefined]));
  const items = [
    { label: "Remove what is not known", not: extra.length === 0 && "Everything is known", act: remove },
    { label: "Add all defaults", not: defaults.length === 0 && "All are there", act: () => edit(defaults) },
    {
      label: "Format",
      not: config.value === null && "It cannot be read",
      act: () =>
        change({ text: draft.format === "json" ? writeConfig(config.value, "json") : changed(draft.text, "yaml", []) }),
    },
    null,
    { label: "Discard the draft", not: draft.savedAt === null && "Nothing is changed", act: discard },
  ];
  return (
    <div className="problem-line" role="group" aria-label="Problems">
      <Verdict pad={pad} />
      <span className="found row">
        {problems.slice(0, SHOWN).map((problem) => (
          <ProblemLink key={`${problem.place.from} ${problem.message}`} problem={problem} goTo={goTo} />
        ))}
        {problems.length > SHOWN && <span className="dim">and {problems.length - SHOWN} more</span>}
      </span>
      <span className="grow" />
      {missing.length > 0 && (
        <Button small icon="plus" onClick={add}>
          Add missing
        </Button>
      )}
      <Menu items={items}>
        <Button small kind="ghost" icon="more" aria-label="More corrections" />
      </Menu>
    </div>
  );
};

const Verdict = ({ pad: { problems, error, checking } }: { pad: Launchpad }): ReactNode => (
  <span role="status" className="row">
    {problems.length > 0 ? (
      <span className="t-failure strong row">
        <StatusIcon status="FAILURE" size={13} />
        {counted(problems.length, "problem")}
      </span>
    ) : error ? (
      <span className="t-retry ell" title={error.message}>
        Not checked: {error.message}
      </span>
    ) : checking ? (
      <span className="dim">Checking…</span>
    ) : (
      <span className="t-success row">
        <StatusIcon status="SUCCESS" size={13} />
        No problems
      </span>
    )}
  </span>
);

const ProblemLink = ({ problem, goTo }: { problem: Problem; goTo(at: number): void }): ReactNode => {
  const { place, name, message } = problem;
  return (
    <button type="button" className="problem-link" onClick={() => goTo(place.from)}>
      {problem.kind !== "steps" && (
        <span className="num dim">
          {place.row}:{place.column}
        </span>
      )}{" "}
      <b>{name}</b> {message}
    </button>
  );
};
