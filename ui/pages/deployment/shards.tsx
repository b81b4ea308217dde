import type { ReactNode } from "react";
import type { Deployment } from "../../../client";
import { useParam } from "../../data/url";
import { count, counted } from "../../parts/format";
import { Icon } from "../../parts/icon";
import { Moment, useNow } from "../../parts/time";
import { HandOver } from "./hand-over";
import { troubleOf } from "./trouble";

type Shard = Deployment["shards"][number];

/** All hues that charts have, least like a status first; owners beyond them share them, and are told apart by their names. */
const HUES = [1, 4, 5, 6, 2, 3];
/** More names than these have no room above the tiles. */
const MOST_NAMES = 4;
const JUST_TAKEN_MS = 60_000;

interface Props {
  shards: readonly Shard[];
  nodes: Deployment["nodes"];
}

/** A tile for each shard with its owner: the runs of a shard are its owner's. One that is chosen can be handed over. */
export const Shards = ({ shards, nodes }: Props): ReactNode => {
  const [chosen, choose] = useParam("shard");
  const shardChosen = shards.find(({ id }) => String(id) === chosen);
  const daemons = nodes.filter(({ roles }) => roles.includes("daemon")).length;
  const owners = [...new Set(shards.flatMap(({ owner }) => owner ?? []))].sort();
  return (
    <section className="card" aria-labelledby="dep-shards">
      <div className="cardh">
        <h2 id="dep-shards">Shards</h2>
        <span className="sub num">
          {counted(shards.length, "shard")}, {counted(owners.length, "owner")}
        </span>
        <span className="grow" />
        {owners.length <= MOST_NAMES && <Owners owners={owners} shards={shards} />}
      </div>
      <ul className="shards">
        {shards.map((shard) => (
          <Tile
            key={shard.id}
            shard={shard}
            hue={hueOf(owners, shard.owner)}
            trouble={shard.live ? troubleOf(nodes.find(({ id }) => id === shard.owner)) : null}
            chosen={shard === shardChosen}
            choose={() => choose(shard === shardChosen ? null : String(shard.id))}
          />
        ))}
      </ul>
      {shardChosen ? (
        <HandOver key={shardChosen.id} shard={shardChosen} hasOthers={daemons > 1} />
      ) : (
        daemons > 1 && (
          <p className="depfoot handover">
            <Icon name="info" size={13} />
            <span>Choose a shard to hand it over to another daemon.</span>
          </p>
        )
      )}
    </section>
  );
};

const hueOf = (owners: readonly string[], owner: string | null): number =>
  HUES[Math.max(0, owners.indexOf(owner ?? "")) % HUES.length]!;

const Owners = ({ owners, shards }: { owners: readonly string[]; shards: readonly Shard[] }): ReactNode => (
  <span className="deplegend shardowners num">
    {owners.map((owner) => (
      <span key={owner} title={owner}>
        <i style={{ background: `var(--c${hueOf(owners, owner)})` }} />
        <span className="ell">{owner}</span> {shards.filter((shard) => shard.owner === owner).length}
      </span>
    ))}
  </span>
);

interface TileProps {
  shard: Shard;
  hue: number;
  /** What is the matter with its owner, who lives; null: nothing. */
  trouble: string | null;
  chosen: boolean;
  choose(): void;
}

const Tile = ({ shard, hue, trouble, chosen, choose }: TileProps): ReactNode => {
  const { id, owner, live, since, runs, epoch } = shard;
  const lonely = owner === null || !live;
  const now = useNow();
  const fresh = since !== null && now - Date.parse(since) < JUST_TAKEN_MS;
  return (
    <li className={`shard ${lonely || trouble !== null ? "odd" : ""} ${chosen ? "chosen" : ""}`}>
      <div className="shardh num">
        <button type="button" aria-pressed={chosen} aria-label={`Shard ${id}`} onClick={choose}>
          {id}
        </button>
        {id === 0 && (
          <span className="admits" title="Its owner lets queued runs start">
            admits
          </span>
        )}
        <span className="grow" />
        <span className="t2">{counted(runs, "run")}</span>
      </div>
      {lonely ? (
        <div className="t-retry shardo">
          <Icon name="alert" size={12} />
          {owner === null ? "nobody's" : `${owner} is gone`}
        </div>
      ) : (
        <div className="shardo mono">
          <i style={{ background: `var(--c${hue})` }} />
          <span className="ell" title={owner}>
            {owner}
          </span>
        </div>
      )}
      {trouble !== null && (
        <div className="t-retry small" title="Its runs wait for its owner: hand it over">
          <Icon name="alert" size={12} /> {trouble}
        </div>
      )}
      {epoch > 0 && (
        <div className="dim small shardepoch ell" title={`Epoch ${epoch}`}>
          epoch <span className="mono">{epoch}</span>
        </div>
      )}
      <div className={`small ${fresh ? "t-retry" : "dim"}`}>
        {since === null ? (
          "never taken"
        ) : (
          <>
            taken <Moment at={since} />
          </>
        )}
      </div>
      <span className="sr">{count(runs)} live runs</span>
    </li>
  );
};
