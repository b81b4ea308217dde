import { queryOptions } from "@tanstack/react-query";
import { api } from "../../../data/client";

const LOOK_MS = 3_000;

/** A step with its inputs and outputs. While its run goes on it is looked at again from time to time. */
export const stepQuery = (run: string, key: string, ended: boolean) =>
  queryOptions({
    queryKey: ["step", run, key, ended],
    queryFn: () => api.runs.step(run, key),
    refetchInterval: ended ? false : LOOK_MS,
  });
