import type { BulkAct, RunItem } from "../../../client";
import { cache } from "../../data/cache";
import { api } from "../../data/client";
import { repeatRun } from "../../data/run-actions";
import { Bar } from "../../parts/bars";
import { count, counted, shortId } from "../../parts/format";
import { tell } from "../../parts/toasts";

/** `start`, `failure`: re-execute from there. */
export type Verb = "cancel" | "delete" | "start" | "failure";

/** As the server has it. */
export const actOf = (verb: Verb): BulkAct =>
  verb === "cancel" || verb === "delete" ? { verb } : { verb: "reexecute", from: verb };

const AT_ONCE = 4;

const SAYS: Readonly<Record<Verb, { doing: string; done: string }>> = {
  cancel: { doing: "Canceling", done: "canceled" },
  delete: { doing: "Deleting", done: "deleted" },
  start: { doing: "Re-executing", done: "re-executed" },
  failure: { doing: "Re-executing", done: "re-executed" },
};

const perform = (verb: Verb, id: string): Promise<unknown> => {
  if (verb === "cancel") return api.runs.cancel(id);
  if (verb === "delete") return api.runs.delete(id);
  return repeatRun(id, { from: verb });
};

/** Does something to chosen runs, a few at a time; a card says how far it is, and what was refused. */
export const actOnAll = async (verb: Verb, runs: readonly RunItem[]): Promise<void> => {
  const { doing, done } = SAYS[verb];
  const refused: string[] = [];
  let finished = 0;
  const card = () => ({
    title: `${doing} ${counted(runs.length, "run")}`,
    body: (
      <Bar
        of="Runs"
        total={runs.length}
        parts={[
          ["canceled", finished],
          ["failure", refused.length],
          ["none", runs.length - finished - refused.length],
        ]}
      />
    ),
    stays: true,
  });
  const change = tell(card());
  const waiting = [...runs];
  const work = async (): Promise<void> => {
    for (let run = waiting.shift(); run; run = waiting.shift()) {
      try {
        await perform(verb, run.id);
        finished++;
      } catch (error) {
        refused.push(`${shortId(run.id)}: ${(error as Error).message}`);
      }
      change(card());
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  change({
    title: `${counted(finished, "run")} ${done}${refused.length > 0 ? `, ${count(refused.length)} refused` : ""}`,
    ...(refused.length > 0 && { body: refused.join("\n"), stays: true }),
  });
  if (verb === "delete") await cache.resetQueries({ queryKey: ["runs", "list"] });
  await cache.invalidateQueries({ queryKey: ["counts"] });
};
