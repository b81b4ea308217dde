import { describeDurableActions } from "./conformance";
import { openWorld } from "./world";

describe("durable actions in memory", () => {
  describeDurableActions(() => openWorld(null, async () => {}));

  test("what workers have in hand and have not acknowledged is known by queue", async () => {
    const world = openWorld(null, async () => {});
    let end = (): void => undefined;
    const held = new Promise<void>((resolve) => (end = resolve));
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const perform = (): Promise<void> => {
      begin();
      return held;
    };
    const { broker, bus } = await world.node({ perform });
    await broker.dispatch("executor.perform", 1, { queue: "default" });
    await begun;
    expect(await bus.unacked(["default", "unused"])).toEqual(new Map([["default", 1]]));
    end();
    await world.stop();
    expect(await bus.unacked(["default"])).toEqual(new Map([["default", 0]]));
  });
});
