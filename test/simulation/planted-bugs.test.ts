import { PLANTED } from "./planted-bugs";
import { runScript } from "./process";
import { Schedule } from "./schedule";

const SEEDS = 10_000;
let caught: Record<string, number | null>;
beforeAll(async () => void (caught = JSON.parse(await runScript("catch-bugs.ts", SEEDS))), 600_000);

test.each(PLANTED)(`it is caught within ${SEEDS} schedules when $name`, ({ name }) => {
  expect(caught[name]).toEqual(expect.any(Number));
});

test("the same seed makes the same schedule", async () => {
  const [one, two] = [await new Schedule(7, {}, true).run(), await new Schedule(7, {}, true).run()];
  expect(two).toEqual(one);
  expect(one.trace.length).toBeGreaterThan(10);
});
