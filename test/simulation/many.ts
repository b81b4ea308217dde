import { Schedule } from "./schedule";

/** Runs schedules one after the other; the first that breaks an invariant is told with the way to see it again. */
export const runSchedules = async (first: number, count: number): Promise<{ executions: number }> => {
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
  return { executions };
};
