import { type ReactNode, useState } from "react";
import type { Deployment } from "../../../client";
import { cache } from "../../data/cache";
import { api } from "../../data/client";
import { useMissingRole } from "../../data/me";
import { deploymentQuery } from "../../data/queries";
import { Button, UNDER_WAY } from "../../parts/buttons";
import { Icon } from "../../parts/icon";
import { tell, tellFailure } from "../../parts/toasts";

interface Props {
  shard: Deployment["shards"][number];
  /** Another process takes shards, too. */
  hasOthers: boolean;
}

/** Of the shard that is chosen: what to hand it over does, and the button that does it. */
export const HandOver = ({ shard: { id, owner, live }, hasOthers }: Props): ReactNode => {
  const missing = useMissingRole("operator");
  const [busy, setBusy] = useState(false);
  const not =
    missing ||
    (busy && UNDER_WAY) ||
    ((owner === null || !live) && "It has no owner who could: another takes it within seconds.") ||
    (!hasOthers && "There is no other daemon to take it: start one.");
  const act = async (): Promise<void> => {
    setBusy(true);
    await handOver(id);
    setBusy(false);
  };
  return (
    <div className="depfoot handover">
      <Icon name="info" size={13} />
      <span className="grow">
        Shard {id} goes to the daemon with the fewest shards. Its runs go on there within about a second; what runs on
        workers goes on meanwhile.
      </span>
      <Button small not={not} onClick={() => void act()}>
        Hand over now
      </Button>
    </div>
  );
};

const handOver = async (id: number): Promise<void> => {
  try {
    const { to } = await api.shards.handOver(id);
    tell({ title: `Shard ${id} goes to ${to}` });
  } catch (error) {
    tellFailure(`Shard ${id} was not handed over`, error);
  }
  await cache.invalidateQueries({ queryKey: deploymentQuery.queryKey });
};
