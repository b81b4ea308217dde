import type { Run } from "../../client";
import { shortId } from "../parts/format";
import { tell, tellFailure } from "../parts/toasts";
import { cache } from "./cache";
import { api } from "./client";

/** Asks for a cancel, and says how that went. */
export const cancelRun = async (id: string): Promise<void> => {
  try {
    await api.runs.cancel(id);
    tell({ title: `Run ${shortId(id)} is being canceled` });
    await cache.invalidateQueries({ queryKey: ["run", id] });
  } catch (error) {
    tellFailure(`Run ${shortId(id)} was not canceled`, error);
  }
};

/** Launches a run that repeats another, and says how that went. */
export const reexecuteRun = async (id: string, from: "failure" | "start", done: (run: Run) => void): Promise<void> => {
  try {
    const run = await api.runs.reexecute(id, { from });
    tell({ title: `Run ${shortId(run.id)} repeats ${shortId(id)}` });
    done(run);
  } catch (error) {
    tellFailure(`Run ${shortId(id)} was not re-executed`, error);
  }
};
