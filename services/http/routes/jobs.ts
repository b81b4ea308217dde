import type { Database } from "../../../store/database";
import { listJobs } from "../../../store/catalog";
import { pageOf, readCursor } from "../../../store/queries/paging";
import { sensorDefinitions } from "../../../store/queries/sensor-definitions";
import { jobDetail, jobSummary, sensorsOf } from "../../job-view";
import { currentJob } from "../../launching";
import { ok, type Route } from "../route";
import { PAGING, pagingOf } from "../schemas/common";
import { answers, answersPage } from "./replies";

/** What the code locations have published. */
export const jobRoutes = ({ db }: { db: Database }): Route[] => [
  {
    method: "GET",
    path: "/api/jobs",
    operation: "listJobs",
    tag: "jobs",
    summary: "Lists the published jobs by name.",
    query: PAGING,
    replies: { 200: answersPage("JobSummary", "A page of jobs.") },
    handle: async ({ query }) => {
      const { limit, cursor } = pagingOf(query);
      const after = readCursor(cursor, {}, ["text"]);
      const jobs = await listJobs(db, { after: (after?.[0] as string | undefined) ?? null, limit: limit + 1 });
      const sensors = await sensorDefinitions(db);
      const view = (job: (typeof jobs)[number]) => jobSummary(job, sensorsOf(job.name, sensors));
      return ok(pageOf(jobs, limit, {}, ({ name }) => [name], view));
    },
  },
  {
    method: "GET",
    path: "/api/jobs/:name",
    operation: "getJob",
    tag: "jobs",
    summary: "Shows a job with its graph and the schema of its config.",
    params: { name: "The job's name." },
    replies: { 200: answers("Job", "The job.") },
    problems: ["JOB_NOT_FOUND"],
    handle: async ({ params }) => {
      const job = await currentJob(db, params.name!);
      return ok(jobDetail(job, sensorsOf(job.name, await sensorDefinitions(db))));
    },
  },
];
