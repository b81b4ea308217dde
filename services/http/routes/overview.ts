import { overviewReader, type Range, RANGES } from "../overview/read-overview";
import { ok, type Route } from "../route";
import { answers } from "./replies";

/** What the overview page shows, in one answer. */
export const overviewRoutes = (needs: Parameters<typeof overviewReader>[0]): Route[] => {
  const read = overviewReader(needs);
  return [
    {
      method: "GET",
      path: "/api/overview",
      operation: "overview",
      tag: "overview",
      role: "viewer",
      summary: "Shows how the system fares: runs, jobs, failures, backlog, throughput, what comes next, platform.",
      description:
        "All series have 24 buckets, the last of which goes on (`bucket_seconds`, `from`, `to`). Steps are spread evenly " +
        "over the time in which their run went on.",
      query: { range: { type: "string", enum: Object.keys(RANGES), default: "1h" } },
      replies: { 200: answers("Overview", "The overview.") },
      handle: async ({ query }) => ok(await read((query.range as Range | undefined) ?? "1h")),
    },
  ];
};
