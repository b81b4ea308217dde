import { runRequest, sensor, skip } from "dqueue";
import { jobs } from "./jobs";

/** Seconds between the end of a job's run and its next one. */
export const RERUN_DELAY_SECONDS = 120;

/** Launches each job at once where it never ran, and then again some time after each of its runs has ended. */
export const sensors = jobs.map((job) =>
  sensor({
    name: `${job.name}_sensor`,
    description: `Launches ${job.name} ${RERUN_DELAY_SECONDS} s after its last run has ended`,
    job,
    minimumIntervalSeconds: 30,
    defaultStatus: "RUNNING",
    evaluate: ({ runs, now }) => {
      const latest = runs.latest();
      // The run key names what the launch follows, so that nothing is launched twice for the same reason.
      if (!latest) return runRequest({ runKey: `${job.name}:first` });
      if (latest.endedAt === null) return skip(`run ${latest.id} is ${latest.status}`);
      const wait = RERUN_DELAY_SECONDS - (now.getTime() - latest.endedAt) / 1000;
      return wait > 0
        ? skip(`next run in ${Math.ceil(wait)} s`)
        : runRequest({ runKey: `${job.name}:after:${latest.id}` });
    },
  }),
);
