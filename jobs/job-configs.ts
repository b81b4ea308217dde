/** How many jobs there are: job_1, job_2, … */
export const NUM_JOBS = 5;

export interface JobSettings {
  /** Name of the job. */
  name: string;
  /** Tasks that each run fans out to. */
  numTasks: number;
  /** Simulated work of one task, in milliseconds. */
  workMs: number;
}

/** Settings of single jobs, by number; what is not given here is as in DEFAULTS. */
const SETTINGS: Record<number, Partial<JobSettings>> = {
  1: { numTasks: 5 },
  2: { numTasks: 20, workMs: 100 },
};

const DEFAULTS = { numTasks: 10, workMs: 200 };

export const JOB_CONFIGS: JobSettings[] = Array.from({ length: NUM_JOBS }, (_, index) => ({
  name: `job_${index + 1}`,
  ...DEFAULTS,
  ...SETTINGS[index + 1],
}));
