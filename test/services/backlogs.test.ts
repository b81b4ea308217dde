import { Backlogs } from "../../services/http/backlogs";

const said = (owner: string, held: number, ...shards: [shard: number, epoch: number][]) => ({
  ...{ owner, takesShards: true, queues: { default: held } },
  shards: shards.map(([shard, epoch]) => ({ shard, epoch })),
});

describe("the steps that owners hold back", () => {
  let now = 0;
  let backlogs: Backlogs;
  const heldBack = (): number => backlogs.heldBack().get("default") ?? 0;

  beforeEach(() => {
    now = 0;
    backlogs = new Backlogs(() => now);
    backlogs.hear(said("a", 30, [1, 5], [2, 5]));
    backlogs.hear(said("b", 12, [3, 5]));
  });

  test("are those of all owners together", () => expect(heldBack()).toBe(42));

  test("are still there while their owner is late, and nobody else has its shards", () => {
    now = 4_000;
    backlogs.hear(said("b", 10, [3, 5]));
    expect(heldBack()).toBe(40);
  });

  test("count once when another has taken the shards of one that is silent", () => {
    now = 4_000;
    backlogs.hear(said("b", 40, [3, 5], [1, 6], [2, 6]));
    expect(heldBack()).toBe(40);
  });

  test("do not vanish for a second while an owner that lives gives one of its shards away", () => {
    now = 500;
    backlogs.hear(said("b", 20, [3, 5], [2, 6]));
    expect(heldBack()).toBe(50);
    backlogs.hear(said("a", 22, [1, 5]));
    expect(heldBack()).toBe(42);
  });

  test("are forgotten after a minute without any word", () => {
    now = 61_000;
    expect(heldBack()).toBe(0);
  });
});
