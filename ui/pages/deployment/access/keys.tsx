import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { ApiKey, Me } from "../../../../client";
import { keysQuery } from "../../../data/access";
import { Button, Segments } from "../../../parts/buttons";
import { counted } from "../../../parts/format";
import { Icon } from "../../../parts/icon";
import { late } from "../../../parts/late";
import { Loaded, SkeletonRows } from "../../../parts/states";
import { Moment, useNow } from "../../../parts/time";
import { Titles } from "../../../parts/titles";

const NewKey = late(() => import("./new-key"));
const RevokeKey = late(() => import("./revoke-key"));

/** One that nobody used for so long may be one that nobody needs. */
const UNUSED_MS = 90 * 24 * 3_600_000;

type Shown = "usable" | "all";

const SHOWN: readonly { value: Shown; label: string }[] = [
  { value: "usable", label: "Usable" },
  { value: "all", label: "All" },
];

const opens = ({ revoked_at, expires_at }: ApiKey, now: number): boolean =>
  revoked_at === null && (expires_at === null || Date.parse(expires_at) > now);

/** The keys that open this server, and the verbs that make and end them. */
export const Keys = ({ me }: { me: Me }): ReactNode => {
  const query = useQuery(keysQuery);
  const now = useNow();
  const [shown, show] = useState<Shown>("usable");
  const [asked, ask] = useState<"new" | ApiKey | null>(null);
  const close = (): void => ask(null);
  const usable = query.data?.filter((key) => opens(key, now));
  return (
    <section className="card" aria-labelledby="dep-keys">
      <div className="cardh">
        <h2 id="dep-keys">API keys</h2>
        {usable && <span className="sub num ell">{counted(usable.length, "usable key")}, shown once when made</span>}
        <span className="grow" />
        <Segments label="Keys shown" value={shown} options={SHOWN} onChange={(next: Shown) => show(next)} />
        <Button small icon="plus" onClick={() => ask("new")}>
          New key
        </Button>
      </div>
      <Loaded query={query} failed="The keys could not be read" skeleton={<SkeletonRows rows={3} />}>
        {(all) => <Table keys={shown === "all" ? all : all.filter((key) => opens(key, now))} me={me} revoke={ask} />}
      </Loaded>
      {me.kind === "local" && (
        <p className="depfoot t2">
          <Icon name="info" size={14} />
          Nobody is asked for a key here: this machine alone reaches the server, or it was told to let everybody in.
        </p>
      )}
      {asked === "new" && <NewKey onClose={close} />}
      {asked !== null && asked !== "new" && <RevokeKey apiKey={asked} own={asked.id === me.id} onClose={close} />}
    </section>
  );
};

interface TableProps {
  keys: readonly ApiKey[];
  me: Me;
  revoke(key: ApiKey): void;
}

const Table = ({ keys, me, revoke }: TableProps): ReactNode => {
  if (keys.length === 0) return <p className="depfoot t2">There is no key.</p>;
  return (
    <div className="table-place" role="region" aria-label="API keys in figures" tabIndex={0}>
      <table className="table lines two keys">
        <thead>
          <tr>
            <Titles of={["Name", "Key", "Role", "Made", "Last used", "Ends"]} />
            <th scope="col">
              <span className="sr">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <Row key={key.id} apiKey={key} own={key.id === me.id} revoke={revoke} />
          ))}
        </tbody>
      </table>
    </div>
  );
};

const Row = ({ apiKey, own, revoke }: { apiKey: ApiKey; own: boolean; revoke: TableProps["revoke"] }): ReactNode => {
  const { id, name, role, created_at, last_used_at, revoked_at } = apiKey;
  const now = useNow();
  const usable = opens(apiKey, now);
  const idle = usable && now - Date.parse(last_used_at ?? created_at) > UNUSED_MS;
  return (
    <tr className={usable ? "" : "gone"}>
      <th scope="row" className="rest" title={name}>
        <span className="ell">{name}</span>
        {own && <span className="chip">yours</span>}
      </th>
      <td className="mono below">{id}</td>
      <td>{role}</td>
      <td className="wide">
        <Moment at={created_at} />
      </td>
      <td
        data-title="used"
        className={`end ${idle ? "t-retry" : ""}`}
        title={idle ? "Nobody used it for 90 days" : undefined}
      >
        {last_used_at === null ? "never" : <Moment at={last_used_at} />}
      </td>
      <td data-title="ends" className="below end">
        <End apiKey={apiKey} />
      </td>
      <td className="fig act">
        {revoked_at === null && usable && (
          <Button small kind="danger" aria-label={`Revoke ${name}`} onClick={() => revoke(apiKey)}>
            Revoke
          </Button>
        )}
      </td>
    </tr>
  );
};

const End = ({ apiKey: { expires_at, revoked_at } }: { apiKey: ApiKey }): ReactNode => {
  if (revoked_at !== null)
    return (
      <span className="dim">
        revoked <Moment at={revoked_at} />
      </span>
    );
  return expires_at === null ? "never" : <Moment at={expires_at} />;
};
