import { PLANTED } from "./planted-bugs";
import { Schedule } from "./schedule";

const SEEDS = 3_000;

test.each(PLANTED)(
  "it is caught when $name",
  async ({ bugs }) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { violations } = await new Schedule(seed, bugs, false).run();
      if (violations.length > 0) return;
    }
    throw new Error(`Not caught in ${SEEDS} schedules: the invariants do not see it.`);
  },
  300_000,
);

test("the same seed makes the same schedule", async () => {
  const [one, two] = [await new Schedule(7, {}, true).run(), await new Schedule(7, {}, true).run()];
  expect(two).toEqual(one);
  expect(one.trace.length).toBeGreaterThan(10);
});
