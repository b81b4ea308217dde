import type { ReactNode } from "react";
import type { Deployment } from "../../../client";
import { count, counted } from "../../parts/format";
import { Icon } from "../../parts/icon";
import { Moment } from "../../parts/time";

type Shard = Deployment["shards"][number];

/** As many hues as charts have; owners beyond that share them, and are told apart by their names. */
const HUES = 6;

/** A tile for each shard with its owner: the runs of a shard are its owner's. */
export const Shards = ({ shards }: { shards: readonly Shard[] }): ReactNode => {
  const owners = [...new Set(shards.flatMap(({ owner }) => owner ?? []))].sort();
  return (
    <section className="card" aria-labelledby="dep-shards">
      <div className="cardh">
        <h2 id="dep-shards">Shards</h2>
        <span className="sub num">
          {counted(shards.length, "shard")}, {counted(owners.length, "owner")}
        </span>
      </div>
      <ul className="shards">
        {shards.map((shard) => (
          <Tile key={shard.id} shard={shard} hue={(owners.indexOf(shard.owner ?? "") % HUES) + 1} />
        ))}
      </ul>
    </section>
  );
};

const Tile = ({ shard, hue }: { shard: Shard; hue: number }): ReactNode => {
  const { id, owner, live, since, runs, epoch } = shard;
  const lonely = owner === null || !live;
  return (
    <li className={`shard ${lonely ? "lonely" : ""}`}>
      <div className="shardh num">
        <b>{id}</b>
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
          <span className="ell">{owner}</span>
        </div>
      )}
      {epoch > 0 && (
        <div className="dim small ell" title={`Epoch ${epoch}`}>
          epoch <span className="mono">{epoch}</span>
        </div>
      )}
      <div className="dim small">
        {since === null ? (
          "never taken"
        ) : (
          <>
            since <Moment at={since} />
          </>
        )}
      </div>
      <span className="sr">{count(runs)} live runs</span>
    </li>
  );
};
