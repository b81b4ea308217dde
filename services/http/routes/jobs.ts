import type { Database } from "../../../store/database";
import { listJobs } from "../../../store/catalog";
import type { Activity } from "../../../store/queries/activity";
import { pageOf, readCursor } from "../../../store/queries/paging";
import { currentJob, tryLaunch } from "../../launching";
import { jobItems, jobPage } from "../job-items";
import { ok, type Route } from "../route";
import { PAGING, pagingOf } from "../schemas/common";
import { CHECK } from "../schemas/requests";
import { answers, answersPage } from "./replies";

/** What the code locations have published, and how it fares. */
export const jobRoutes = ({ db, activity }: { db: Database; activity: Activity }): Route[] => [
  {
    method: "GET",
    path: "/api/jobs",
    operation: "listJobs",
    tag: "jobs",
    role: "viewer",
    summary: "Lists the published jobs by name, with their last runs.",
    query: PAGING,
    replies: { 200: answersPage("JobSummary", "A page of jobs.") },
    handle: async ({ query }) => {
      const { limit, cursor } = pagingOf(query);
      const after = readCursor(cursor, {}, ["text"]);
      const jobs = await listJobs(db, { after: (after?.[0] as string | undefined) ?? null, limit: limit + 1 });
      const page = pageOf(
        jobs,
        limit,
        {},
        ({ name }) => [name],
        (job) => job,
      );
      return ok({ ...page, items: await jobItems(db, activity, page.items) });
    },
  },
  {
    method: "GET",
    path: "/api/jobs/:name",
    operation: "getJob",
    tag: "jobs",
    role: "viewer",
    summary: "Shows a job with its graph, the schema of its config, its last runs and the versions of its code.",
    params: { name: "The job's name." },
    query: { runs: { type: "integer", minimum: 1, maximum: 200, default: 50, description: "How many of the last." } },
    replies: { 200: answers("Job", "The job.") },
    problems: ["JOB_NOT_FOUND"],
    handle: async ({ params, query }) => {
      const job = await currentJob(db, params.name!);
      return ok(await jobPage(db, activity, job, (query.runs as number | undefined) ?? 50));
    },
  },
  {
    method: "POST",
    path: "/api/jobs/:name/validate",
    operation: "validateLaunch",
    tag: "jobs",
    role: "launcher",
    changes: false,
    summary: "Says what a launch of the job would be refused for, and launches nothing.",
    params: { name: "The job's name." },
    body: { schema: CHECK, required: true },
    replies: { 200: answers("LaunchCheck", "What is wrong; nothing: it would be launched.") },
    problems: ["JOB_NOT_FOUND"],
    handle: async ({ params, body }) => ok(await tryLaunch(db, { ...body, job: params.name! })),
  },
];
