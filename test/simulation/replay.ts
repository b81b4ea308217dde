import { Schedule } from "./schedule";

/** `npx tsx test/simulation/replay.ts SEED`: one schedule again, with its trace. */
const main = async (seed: number): Promise<void> => {
  const { violations, trace, faults, took } = await new Schedule(seed, {}, true).run();
  console.log(trace.join("\n"));
  console.log(
    `seed ${seed}: ${faults.join(", ") || "no faults"}; ${Math.round(took)} ms; ${violations.join("; ") || "no violation"}`,
  );
};

void main(Number(process.argv[2]));
