import { Schedule } from "./schedule";

/**
 * `npx tsx test/simulation/many.ts FIRST COUNT`: schedules one after the other; says how many steps they executed.
 * The first that breaks an invariant ends it, and is told with the way to see it again.
 */
const main = async (first: number, count: number): Promise<void> => {
  let executions = 0;
  for (let seed = first; seed < first + count; seed++) {
    const outcome = await new Schedule(seed, {}, false).run();
    executions += outcome.executions;
    if (outcome.violations.length === 0) continue;
    const { trace, faults, violations } = await new Schedule(seed, {}, true).run();
    throw new Error(
      `Seed ${seed} (${faults.join(", ") || "no faults"}): ${violations.join("; ")}\n` +
        `See it again: npx tsx test/simulation/replay.ts ${seed}\n${trace.slice(-60).join("\n")}`,
    );
  }
  console.log(executions);
};

void main(Number(process.argv[2]), Number(process.argv[3]));
