import { heldBack } from "../../ui/pages/run/steps/held-back";
import { nowOf } from "../../ui/pages/run/steps/past-state";
import { waitWords } from "../../ui/pages/run/timeline/draw/words";
import { fanOut, put } from "./steps-rig";

test("items without a step yet are told with those of their op", () => {
  const steps = fanOut(4);
  put(steps, "gen", { times: [0, 0, 100, 1_000], items: 10 });
  expect([0, 1, 2].map((node) => heldBack(steps, node))).toEqual([0, 6, 0]);
  const { text } = waitWords(steps, 2, nowOf(steps, 9_000));
  expect(text).toBe("waits for 6 of work");
});
