import { runSchedules } from "./many";

// Half of the schedules in each file, so that they run side by side.
test("no invariant breaks in 10,000 schedules of faults (seeds 1 to 10000)", async () => {
  const { executions } = await runSchedules(1, 10_000);
  expect(executions).toBeGreaterThan(50_000);
}, 600_000);
