import { runSchedules } from "./many";

// Half of the schedules in each file, so that they run side by side.
test("no invariant breaks in 10,000 schedules of faults (seeds 10001 to 20000)", async () => {
  const { executions } = await runSchedules(10001, 10_000);
  expect(executions).toBeGreaterThan(50_000);
}, 600_000);
