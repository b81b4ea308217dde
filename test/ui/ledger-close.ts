import { items } from "../api/world";
import { fanOut, type Ui } from "./ui-world";

export const ITEMS = 40;

/** A run that has ended: of its 40 mapped steps, work[7] and work[9] failed, the latter last. @returns its id. */
export const failedLedgerClose = async (ui: Ui): Promise<string> => {
  const job = fanOut("ledger_close");
  // As an op with one input has it.
  const nodes = job.nodes.map((node) => ({ ...node, inputs: node.inputs.map((input) => ({ ...input, name: "" })) }));
  await ui.world.publish({ ...job, nodes });
  const values = Object.fromEntries(Array.from({ length: ITEMS }, (_, i) => [String(i), i]));
  ui.world.ops = {
    gen: () => items(values),
    work: (_, input) => {
      if (input === 7 || input === 9) throw new Error("503 from ledger-api");
      return 1;
    },
  };
  const failed = await ui.world.launch({ job: "ledger_close", config: {}, tags: { customer: "acme" } });
  await ui.world.ended(failed);
  // Both may fail within the same millisecond: the one that failed last comes first.
  await ui.world.db.query(
    `update steps set ended_at = ended_at + interval '1 ms' where run_id = $1 and step = 'work[9]'`,
    [failed],
  );
  return failed;
};
