import type { MailboxItem } from "../core/messages";
import type { BulkVerb, Refusal } from "../store/bulk-actions";
import type { HeldBulkAction } from "../store/bulk-progress";
import { BULK_TAG } from "../store/bulk-tag";
import type { Database, Queryable } from "../store/database";
import { deleteRun, requestCancels } from "../store/end-of-runs";
import { createReexecution, planReexecution } from "../store/reexecute";
import { currentJob, refuseBadConfig } from "./launching";

type Look = Extract<MailboxItem, { type: "look" }>;

interface Outcome {
  refusals: Refusal[];
  /** Who is to look once it is committed. */
  look: Look[];
}

/** What a bulk action does to a few runs. */
interface BulkAct {
  /** So many at once: what is done to them stands or falls together. */
  atOnce: number;
  /** @returns what is to be done in a transaction. Both fail where a run is refused that is alone. */
  prepare(db: Database, action: HeldBulkAction, runs: readonly string[]): Promise<(tx: Queryable) => Promise<Outcome>>;
}

const DONE: Outcome = { refusals: [], look: [] };

const ended = (run_id: string): Refusal => ({
  run_id,
  code: "RUN_ENDED",
  detail: `Run ${run_id} has ended: there is nothing to cancel.`,
});

export const BULK_ACTS: Readonly<Record<BulkVerb, BulkAct>> = {
  cancel: {
    atOnce: 100,
    prepare:
      async (_db, { id }, runs) =>
      async (tx) => {
        const asked = await requestCancels(tx, runs, id);
        const known = new Set(asked.map((run) => run.id));
        const shards = [...new Set(asked.map(({ shard }) => shard))];
        return {
          refusals: runs.filter((run) => !known.has(run)).map(ended),
          look: shards.map((shard) => ({ type: "look", shard, at: "cancel" })),
        };
      },
  },

  reexecute: {
    atOnce: 1,
    prepare: async (db, { id, from }, [run]) => {
      const plan = await planReexecution(db, { run: run!, from: from! }, (job) => currentJob(db, job));
      refuseBadConfig(plan.parent.job, plan.graph, plan.config);
      return async (tx) => {
        await createReexecution(tx, plan, { tags: { [BULK_TAG]: id } });
        return { refusals: [], look: [{ type: "look", shard: 0, at: "queue" }] };
      };
    },
  },

  delete: {
    atOnce: 1,
    prepare:
      async (_db, _action, [run]) =>
      async (tx) => {
        await deleteRun(tx, run!);
        return DONE;
      },
  },
};
