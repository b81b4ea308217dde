import { Activity } from "../../../store/queries/activity";
import { openApi } from "../openapi";
import { ok, type Route } from "../route";
import { accessRoutes } from "./access";
import { BULK_ROUTES } from "./bulk";
import { clusterRoutes } from "./cluster";
import { doctorRoute } from "./doctor";
import { jobRoutes } from "./jobs";
import { overviewRoutes } from "./overview";
import { PAGE_ROUTES } from "./pages";
import { RUN_LIST_ROUTES } from "./run-lists";
import { RUN_LOG_ROUTES } from "./run-logs";
import { RUN_PART_ROUTES } from "./run-parts";
import { RUN_ROUTES } from "./runs";
import { sensorRoutes } from "./sensors";
import { companyReturnRoute, companyRoute } from "./company-sign-in";
import { shardRoutes } from "./shards";
import { signInRoutes } from "./sign-in";
import { systemRoutes } from "./system";
import { timelineRoutes } from "./timeline";
import { waitingRoute } from "./waiting";

type Needs = Parameters<typeof clusterRoutes>[0] &
  Omit<Parameters<typeof overviewRoutes>[0], "activity"> &
  Parameters<typeof companyRoute>[0] &
  Parameters<typeof doctorRoute>[0] &
  Parameters<typeof systemRoutes>[0] &
  Parameters<typeof waitingRoute>[0];

/** Every route of the server. */
export const apiRoutes = (needs: Needs): Route[] => {
  const activity = new Activity(needs.db);
  const routes: Route[] = [
    // Before those of one run: `counts` and `bulk` are no ids.
    ...RUN_LIST_ROUTES,
    ...BULK_ROUTES,
    ...RUN_ROUTES,
    ...RUN_PART_ROUTES,
    waitingRoute(needs),
    ...timelineRoutes(needs),
    ...RUN_LOG_ROUTES,
    ...jobRoutes({ ...needs, activity }),
    ...sensorRoutes(needs),
    ...clusterRoutes(needs),
    ...shardRoutes(needs),
    doctorRoute(needs),
    ...overviewRoutes({ ...needs, activity }),
    ...systemRoutes(needs),
    ...signInRoutes(needs),
    companyRoute(needs),
    ...accessRoutes(needs),
    {
      method: "GET",
      path: "/api/openapi.json",
      operation: "openApi",
      tag: "system",
      role: "public",
      summary: "This description as OpenAPI 3.1.",
      replies: { 200: { description: "The document.", schema: { type: "object" } } },
      handle: () => ok(document),
    },
  ];
  // Pages are for people: they stand beside the interface, not in it.
  const document = openApi(routes, needs.version);
  return [...routes, ...PAGE_ROUTES, companyReturnRoute(needs)];
};
