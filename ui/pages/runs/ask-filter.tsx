import { useQuery } from "@tanstack/react-query";
import { Fragment, type ReactNode, useState } from "react";
import { bulkStatuses, type RunFilter } from "../../../client";
import type { Token } from "../../../client/filter-text";
import { startBulk } from "../../data/bulk";
import { passing } from "../../data/cache";
import { api } from "../../data/client";
import { counted } from "../../parts/format";
import { useZone } from "../../parts/time";
import { actOf, type Verb } from "./act-on-all";
import { Ask } from "./ask";
import { tokenWords } from "./token-words";

const LOOK_MS = 3_000;
/** So far may the number be off that is typed, as the server has it too. */
const TOLERANCE = 0.05;

interface Props {
  verb: Verb;
  tokens: readonly Token[];
  filter: RunFilter;
  /** How many rows are loaded. */
  loaded: number;
  onClose(): void;
  done(): void;
}

/** Asks before something is done to all runs of a filter, and has the server begin it. */
export default function AskFilter({ verb, tokens, filter, loaded, onClose, done }: Props): ReactNode {
  const [refused, setRefused] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [unknown, setUnknown] = useState(false);
  const { byStatus, n, countAgain } = useLiveCount(verb, filter, busy || unknown);
  const start = async (): Promise<void> => {
    setBusy(true);
    try {
      await startBulk({ ...actOf(verb), filter, count: n! });
      onClose();
      done();
    } catch (error) {
      // It may have begun, and found by the filter what it has made: another try must be the same request.
      const lost = passing(error as Error);
      setUnknown(lost);
      setRefused(`${(error as Error).message}${lost ? " It may have begun: tried again, it begins once." : ""}`);
      if (!lost) countAgain();
      setBusy(false);
    }
  };
  // Before the first count there is nothing to confirm.
  if (n === null) return null;
  return (
    <Ask
      {...{ verb, n, byStatus, refused, busy, onClose }}
      ofFilter={<Everything tokens={tokens} loaded={loaded} />}
      onAct={() => void start()}
    />
  );
}

/**
 * @param held what was confirmed is being asked for, or may have been: the number stays.
 * @returns `n`: the number to be typed. It stays while it is near enough, too, or nobody could type it.
 */
const useLiveCount = (verb: Verb, { status, ...others }: RunFilter, held: boolean) => {
  const { data, refetch } = useQuery({
    queryKey: ["bulk-counts", others],
    queryFn: () => api.runs.counts({ ...others, whole: true }),
    enabled: !held,
    refetchInterval: LOOK_MS,
    gcTime: 0,
  });
  const statuses = bulkStatuses(actOf(verb), status === undefined ? {} : { status });
  const byStatus = statuses.map((one) => [one, data?.counts[one] ?? 0] as const).filter(([, n]) => n > 0);
  const now = data ? byStatus.reduce((sum, [, n]) => sum + n, 0) : null;
  const [n, setN] = useState<number | null>(null);
  if (now !== null && !held && (n === null || Math.abs(now - n) > TOLERANCE * n)) setN(now);
  return { byStatus, n, countAgain: () => void refetch() };
};

const Everything = ({ tokens, loaded }: { tokens: readonly Token[]; loaded: number }): ReactNode => {
  const zone = useZone();
  if (tokens.length === 0) return <>All runs that there are, not only the {counted(loaded, "loaded row")}.</>;
  return (
    <>
      Everything that matches{" "}
      {tokens.map((token, at) => {
        const { name, value } = tokenWords(token, zone);
        return (
          <Fragment key={at}>
            {at > 0 && ", "}
            <b>
              {name} {value}
            </b>
          </Fragment>
        );
      })}{" "}
      now, not only the {counted(loaded, "loaded row")}.
    </>
  );
};
