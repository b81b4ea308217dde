import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { AuditEntry } from "../../../../client";
import { auditQuery } from "../../../data/access";
import { Button, UNDER_WAY } from "../../../parts/buttons";
import { shortId } from "../../../parts/format";
import { Icon } from "../../../parts/icon";
import { Loaded, SkeletonRows } from "../../../parts/states";
import { Stamp } from "../../../parts/time";
import { Titles } from "../../../parts/titles";
import { ACTIONS } from "./actions";
import { FilterFields, setAsked, useAuditFilter } from "./audit-filter";

/** Every change that was asked for, by whom and from where, newest first. */
export const AuditLog = (): ReactNode => {
  const filter = useAuditFilter();
  const query = useInfiniteQuery(auditQuery(filter));
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  return (
    <section className="card" aria-labelledby="dep-audit">
      <div className="cardh">
        <h2 id="dep-audit">Audit log</h2>
        <span className="sub ell">every change that was asked for, newest first</span>
        <span className="grow" />
        <Button small kind="ghost" icon="retry" onClick={() => void query.refetch()}>
          Look again
        </Button>
      </div>
      <FilterFields />
      <Loaded query={query} failed="The audit log could not be read" skeleton={<SkeletonRows rows={8} />}>
        {({ pages }) => <Table entries={pages.flatMap(({ items }) => items)} all={Object.keys(filter).length === 0} />}
      </Loaded>
      {hasNextPage && (
        <p className="depfoot">
          <Button small kind="ghost" not={isFetchingNextPage && UNDER_WAY} onClick={() => void fetchNextPage()}>
            Show older entries
          </Button>
        </p>
      )}
    </section>
  );
};

/** @param all nothing is filtered away. */
const Table = ({ entries, all }: { entries: readonly AuditEntry[]; all: boolean }): ReactNode => {
  if (entries.length === 0)
    return <p className="depfoot t2">{all ? "Nothing has been asked for yet." : "No entry fits."}</p>;
  return (
    <div className="table-place" role="region" aria-label="Entries of the audit log" tabIndex={0}>
      <table className="table lines two audit">
        <thead>
          <tr>
            <Titles of={["Time", "Who", "What", "Object", "Outcome", "From where", "Details"]} />
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Row key={entry.id} entry={entry} />
          ))}
        </tbody>
      </table>
    </div>
  );
};

const KNOWN_BY: Readonly<Record<AuditEntry["actor_kind"], string>> = {
  local: "nobody was asked",
  key: "by an API key",
  session: "signed in with a browser",
  database: "at the database itself",
  setting: "by a setting of the web server",
  repl: "at the prompt of dqueue repl",
};

const Row = ({ entry }: { entry: AuditEntry }): ReactNode => {
  const { at, actor, actor_id, actor_kind, role, action, details } = entry;
  const { word, icon } = ACTIONS[action] ?? { word: action, icon: "info" };
  return (
    <tr>
      <td>
        <Stamp at={at} />
      </td>
      <td className="who">
        <Choice
          icon={actor_kind === "session" ? "user" : actor_kind === "key" ? "key" : "terminal"}
          title={`${role}, ${KNOWN_BY[actor_kind]}${actor_id === null ? "" : `: ${actor_id}`}`}
          onClick={() => setAsked({ who: actor_id ?? actor })}
        >
          {actor}
        </Choice>
      </td>
      <td>
        <Choice icon={icon} title={action} strong onClick={() => setAsked({ what: action })}>
          {word}
        </Choice>
      </td>
      <td className="rest">
        <Thing entry={entry} />
      </td>
      <td className="below">
        <Outcome outcome={entry.outcome} />
      </td>
      <td className="below">
        <Origin entry={entry} />
      </td>
      <td className="t2 details below rest" title={toldOf(details)}>
        {toldOf(details)}
      </td>
    </tr>
  );
};

interface ChoiceProps {
  icon?: Parameters<typeof Icon>[0]["name"];
  title?: string;
  strong?: boolean;
  onClick(): void;
  children: string;
}

/** Asks for nothing but entries with the same. */
const Choice = ({ icon, title, strong, onClick, children }: ChoiceProps): ReactNode => (
  <button type="button" className={`choice ell ${strong ? "strong" : ""}`} title={title} onClick={onClick}>
    {icon && <Icon name={icon} size={13} />}
    {children}
  </button>
);

const PAGES: Readonly<Record<string, (name: string) => string>> = {
  runs: (id) => `/runs/${id}`,
  jobs: (name) => `/jobs/${encodeURIComponent(name)}`,
  sensors: (name) => `/sensors?sel=${encodeURIComponent(name)}`,
};

/** What it was done to; of what it made, that. */
const Thing = ({ entry: { object, result } }: { entry: AuditEntry }): ReactNode => {
  const path = result ?? object;
  const [kind = "", name, more] = path.split("/");
  const page = name !== undefined && more === undefined && PAGES[kind];
  if (!page) return <span className="mono">{path}</span>;
  return (
    <Link href={page(name)} className="mono link" title={path}>
      {kind === "runs" ? shortId(name) : name}
    </Link>
  );
};

const Outcome = ({ outcome }: { outcome: string | null }): ReactNode => {
  if (outcome === null)
    return (
      <span className="t-retry" title="It is under way, or its process ended before it could tell">
        not known
      </span>
    );
  return <span className={outcome === "OK" ? "" : "t-failure"}>{outcome}</span>;
};

const Origin = ({ entry: { address, forwarded_for } }: { entry: AuditEntry }): ReactNode => (
  <>
    {address === null ? (
      <span className="dim">here</span>
    ) : (
      <Choice onClick={() => setAsked({ at: address })}>{address}</Choice>
    )}
    {forwarded_for !== null && (
      <span className="dim" title="What a proxy says: anyone who reaches the server may claim it">
        {" "}
        for {forwarded_for}
      </span>
    )}
  </>
);

const toldOf = (details: AuditEntry["details"]): string =>
  Object.entries(details)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
