import { runScript } from "./process";

const HALF = 10_000;

test("no invariant breaks in 20,000 schedules of faults", async () => {
  const executions = await Promise.all([1, 1 + HALF].map((first) => runScript("many.ts", first, HALF)));
  expect(Math.min(...executions.map(Number))).toBeGreaterThan(50_000);
}, 900_000);
