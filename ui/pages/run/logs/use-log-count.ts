import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { LogCount } from "../../../../client";
import { api } from "../../../data/client";
import { useInTurn } from "../../../data/in-turn";

/** Of lines that come. */
const LOOK_MS = 5_000;

/** How many lines a run had logged by a moment, in Unix ms; null: now. */
export const useLogCount = (run: string, then: number | null, ended: boolean): LogCount | undefined => {
  const key = ["run", run, "log-count"];
  const until = useInTurn(then, key);
  const { data } = useQuery({
    queryKey: [...key, until ?? ended],
    queryFn: () => api.runs.logCount(run, until === null ? {} : { until: new Date(until).toISOString() }),
    refetchInterval: ended || until !== null ? false : LOOK_MS,
    placeholderData: keepPreviousData,
  });
  return data;
};
