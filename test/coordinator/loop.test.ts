import { Loop } from "../../coordinator/loop";
import { systemClock } from "../../coordinator/system-clock";

test("a turn that fails again and again is said once, and once more when it goes on", async () => {
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  let turns = 0;
  let stop!: () => void;
  const done = new Promise<void>((resolve) => (stop = resolve));
  const loop = new Loop(systemClock, { debug: say, info: say, warn: say, error: say }, "Looking", 1, async () => {
    if (++turns <= 5) throw new Error(turns <= 3 ? "nobody answers" : "too late");
    if (turns === 8) stop();
  });
  loop.start();
  await done;
  await loop.stop();
  expect(lines).toEqual(["Looking: nobody answers", "Looking: too late", "Looking: it goes on."]);
});

test("while there is nothing to do it says nothing, and least of all that it goes on", async () => {
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  let looks = 0;
  let seen!: () => void;
  const turns = { failed: false, idle: new Promise<void>((resolve) => (seen = resolve)) };
  const loop = new Loop(
    systemClock,
    { debug: say, info: say, warn: say, error: say },
    "Looking",
    1,
    async () => {
      turns.failed = true;
      throw new Error("nobody answers");
    },
    () => {
      if (turns.failed && ++looks === 3) seen();
      return !turns.failed;
    },
  );
  loop.start();
  await turns.idle;
  await loop.stop();
  expect(lines).toEqual(["Looking: nobody answers"]);
});

test("nudges of one moment are one turn, and those during a turn are one more", async () => {
  const quiet = (): void => undefined;
  let turns = 0;
  let end!: () => void;
  const second = new Promise<void>((resolve) => (end = resolve));
  const loop: Loop = new Loop(
    systemClock,
    { debug: quiet, info: quiet, warn: quiet, error: quiet },
    "Looking",
    60_000,
    async () => {
      turns++;
      if (turns === 2) end();
      for (let i = 0; turns === 1 && i < 3; i++) loop.nudge();
    },
  );
  loop.start();
  for (let i = 0; i < 3; i++) loop.nudge();
  await second;
  await loop.stop();
  expect(turns).toBe(2);
});
