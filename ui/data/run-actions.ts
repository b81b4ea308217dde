import { type ReexecuteOptions, type Reexecution, type Run } from "../../client";
import { shortId } from "../parts/format";
import { tell, tellFailure } from "../parts/toasts";
import { cache } from "./cache";
import { api } from "./client";
import { once } from "./once";

/** What was refused shows that the run is not what the page takes it for. */
const tellRefusal = async (id: string, title: string, error: unknown): Promise<void> => {
  tellFailure(title, error);
  await cache.invalidateQueries({ queryKey: ["run", id], exact: true });
};

/** Asks for a cancel, and says how that went. */
export const cancelRun = async (id: string): Promise<void> => {
  try {
    const { status } = await api.runs.cancel(id);
    tell({ title: `Run ${shortId(id)} is ${status === "CANCELED" ? "canceled" : "being canceled"}` });
    await cache.invalidateQueries({ queryKey: ["run", id] });
  } catch (error) {
    await tellRefusal(id, `Run ${shortId(id)} was not canceled`, error);
  }
};

/** Deletes a run, and says how that went. @returns whether it is gone. */
export const deleteRun = async (id: string): Promise<boolean> => {
  try {
    await api.runs.delete(id);
  } catch (error) {
    await tellRefusal(id, `Run ${shortId(id)} was not deleted`, error);
    return false;
  }
  tell({ title: `Run ${shortId(id)} was deleted` });
  return true;
};

/** Launches a run that repeats another, once however often it is asked for. @returns null: that goes on already. */
export const repeatRun = (id: string, options: ReexecuteOptions): Promise<Reexecution | null> =>
  once(`repeat ${id} ${JSON.stringify(options)}`, (idempotencyKey) =>
    api.runs.reexecute(id, options, { idempotencyKey }),
  );

/** Launches a run that repeats another, and says how that went. @param what of it is repeated; the run if not given. */
export const reexecuteRun = async (
  id: string,
  options: ReexecuteOptions,
  done: (run: Run) => void,
  what?: string,
): Promise<void> => {
  try {
    const run = await repeatRun(id, options);
    if (run === null) return;
    tell({
      title: `Run ${shortId(run.id)} repeats ${what === undefined ? shortId(id) : `${what} and what is behind it`}`,
    });
    done(run);
  } catch (error) {
    await tellRefusal(id, `${what ?? `Run ${shortId(id)}`} was not re-executed`, error);
  }
};
