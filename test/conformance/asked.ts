import { outcome } from "../cases/modes";
import type { Cluster } from "../support/cluster";

/** How the scenarios of a suite run a job, and what they ask of it afterwards. */
export const asked = (cluster: () => Cluster) => {
  const run = async (job: string, config = {}) =>
    outcome(cluster(), (await cluster().client.runs.launch({ job, config })).id);
  return {
    run,
    output: async ({ run: { id } }: Outcome, step: string) =>
      (await cluster().client.runs.step(id, step)).outputs?.result,
    executed: ({ run: { id } }: Outcome): string[] => cluster().lines(id).sort(),
    /** Steps by key with what became of them. */
    ends: ({ steps }: Outcome): Record<string, string> =>
      Object.fromEntries(steps.map(({ key, status, skip_reason }) => [key, skip_reason ?? status])),
  };
};

export type Outcome = Awaited<ReturnType<typeof outcome>>;
