import type { Run } from "../../../../client";
import { api } from "../../../data/client";
import { tell, tellFailure } from "../../../parts/toasts";

/** Opens the comparison with the run that this one repeats, or else with the run of its job before it. */
export const openComparison = async (run: Run, navigate: (to: string) => void): Promise<void> => {
  try {
    const other = run.parent_run_id ?? (await before(run));
    if (other === null) tell({ title: `There is no run of ${run.job} before this one` });
    else navigate(`/runs/${other}/compare/${run.id}`);
  } catch (error) {
    tellFailure("The run to compare with was not found", error);
  }
};

const before = async ({ job, created_at }: Run): Promise<string | null> => {
  const { items } = await api.runs.list({ job, created_before: created_at, limit: 1 });
  return items[0]?.id ?? null;
};
