import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { TimelineTable } from "../../../client";
import { api } from "../../data/client";
import type { Side } from "./side";

const PAGE = 1_000;
/** Runs of more steps are compared by op, and by the steps that stand out. */
const ALL_STEPS = 3_000;
const LOOK_MS = 3_000;

/** All that is compared of a run. */
export const useSide = (id: string): UseQueryResult<Side> =>
  useQuery({
    queryKey: ["compare", id],
    queryFn: async (): Promise<Side> => {
      const [run, timeline] = await Promise.all([api.runs.get(id), api.runs.timeline(id)]);
      const few = !timeline.steps_complete && run.steps_total <= ALL_STEPS;
      return { run, timeline, steps: few ? await allSteps(id) : timeline.steps };
    },
    refetchInterval: ({ state }) => (state.data?.run.ended_at === null ? LOOK_MS : false),
  });

const allSteps = async (id: string): Promise<TimelineTable["steps"]> => {
  const first = await api.runs.timelineSteps(id, { limit: PAGE });
  const rest = await Promise.all(
    Array.from({ length: Math.ceil(first.total / PAGE) - 1 }, (_, i) =>
      api.runs.timelineSteps(id, { limit: PAGE, offset: (i + 1) * PAGE }),
    ),
  );
  const pages = [first, ...rest].map(({ steps }) => steps);
  const names = Object.keys(first.steps) as (keyof TimelineTable["steps"])[];
  return Object.fromEntries(names.map((name) => [name, pages.flatMap((page) => page[name] as unknown[])])) as never;
};
