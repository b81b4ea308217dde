import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { RunEvent } from "../../../../client";
import { api } from "../../../data/client";
import { useInTurn } from "../../../data/in-turn";
import { LATEST } from "../steps/run-steps";

interface UpTo {
  /** In order. */
  events: readonly RunEvent[];
  /** The moment that they are of: while another is asked for, the last answer stays. */
  until: number | null;
  failed: boolean;
}

/**
 * The last events of a run up to a moment, one answer after the other: who drags the playhead asks for no more than the
 * server tells.
 * @param wanted Unix ms; null: now.
 * @param seq of now, the number of the last event that is known.
 */
export const useEventsUpTo = (run: string, wanted: number | null, seq: number | null, enabled = true): UpTo => {
  const asked = useInTurn(wanted, ["events", run, "latest"]);
  const { data, isError } = useQuery({
    queryKey: ["events", run, "latest", asked ?? `now ${seq}`],
    queryFn: () =>
      api.runs.latestEvents(run, {
        limit: LATEST,
        ...(asked !== null && { until: new Date(asked).toISOString() }),
      }),
    enabled,
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
  return { events: data ?? [], until: asked, failed: isError };
};
