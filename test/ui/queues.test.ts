import type { Queue, Worker } from "../../client";
import type { WorkerBeat } from "../../core/messages";
import { groupsOf, ribbonsOf, withSlotsOf } from "../../ui/pages/queues/groups";
import { items } from "../api/world";
import { describeInBrowser } from "../support/browser";
import { eventually } from "../support/eventually";
import { comesTo, expectNoFlaws, fanOut, startUi, type Ui } from "./ui-world";

const ITEMS = 60;

const beat = (worker: string, more: Partial<WorkerBeat> = {}): WorkerBeat => ({
  ...{ worker, host: "rack-1", pid: 41, seq: 1, queues: ["default"], slots: 8, busy: 8, processes: 8, concurrency: 1 },
  ...{ codeVersion: "0123456789abcdef", ops: 3, startedAt: Date.now() - 60_000, cpu: 61, rss: 2.5e8, holds: [] },
  ...{ draining: false, ...more },
});

const worker = (id: string, queues: string[], busy: number) => ({ id, queues, busy, slots: 8 }) as Worker;
const queue = (name: string, out_per_second: number, running: number) => ({ name, out_per_second, running }) as Queue;

test("ribbons are as wide as steps leave a queue, shared out by busy slots; one on which steps run is never gone", () => {
  const groups = groupsOf([worker("a", ["fast"], 6), worker("b", ["fast", "slow"], 2)]);
  const ribbons = ribbonsOf([queue("fast", 40, 8), queue("slow", 0, 2)], groups);
  expect(ribbons.map(({ share, runs }) => [share, runs])).toEqual([
    [1, true],
    [1 / 3, true],
    [0, true],
  ]);
});

test("slots of a queue are those of the tiles beside it, whatever the server said of it a moment before", () => {
  const asked: Queue = { ...queue("fast", 40, 8), workers: 9, slots: 90, busy: 90 };
  const live = [worker("a", ["fast"], 6), worker("b", ["fast", "slow"], 2), worker("c", ["slow"], 1)];
  expect(withSlotsOf([asked], live)).toEqual([{ ...asked, workers: 2, slots: 16, busy: 8 }]);
});

describeInBrowser("the queues page", () => {
  let ui: Ui;
  let release: () => void;
  let run: string;
  beforeAll(async () => {
    ui = await startUi();
    await ui.world.publish(fanOut("ledger_close"));
    const held = new Promise<null>((resolve) => (release = () => resolve(null)));
    ui.world.ops = {
      gen: () => items(Object.fromEntries(Array.from({ length: ITEMS }, (_, i) => [String(i), i]))),
      work: () => held,
    };
    run = await ui.world.launch({ job: "ledger_close" });
    const beats = ui.world.bus.fanout<WorkerBeat>("beats");
    const say = async (): Promise<void> => {
      await beats.publish(beat("alpha", { holds: [{ shard: 0, fence: 1, run, step: "work[7]", begun: true }] }));
      await beats.publish(beat("beta", { host: "rack-2", queues: ["default", "io"], busy: 2, draining: true }));
    };
    await say();
    await beats.publish(beat("gamma", { slots: 1, busy: 0 }));
    const timer = setInterval(() => void say(), 1_000);
    ui.world.broker.localBus.once("$broker.stopped", () => clearInterval(timer));
  });
  afterEach(() => ui.closed());
  afterAll(async () => {
    release?.();
    await ui?.stop();
  });

  test("all that waits is counted, also what its owner holds back", async () => {
    const page = await ui.open("/queues");
    const row = page.getByRole("row", { name: /^default/ });
    await row.waitFor();
    const cells = async (): Promise<number[]> =>
      (await row.getByRole("cell").allInnerTexts()).map((text) => Number(text.replace(/\D/g, "")));
    const all = ([waiting = 0, , , , , , , running = 0]: number[]): boolean => waiting + running === ITEMS;
    const [waiting = 0, dispatched = 0, held = 0] = await eventually(cells, all);
    expect(held).toBeGreaterThan(0);
    expect(dispatched + held).toBe(waiting);
  });

  test("each worker shows its slots; one that drains says how much is left", async () => {
    const page = await ui.open("/queues");
    const group = page.getByRole("region", { name: "Workers that take default", exact: true });
    await group.getByRole("img", { name: "8 of 8 slots busy" }).waitFor();
    await page.getByText(/^draining \d\d:\d\d, 2 left$/).waitFor();
    await expectNoFlaws(page);
  });

  test("a cell of a worker leads to the step that runs in it", async () => {
    const page = await ui.open("/queues?view=host");
    await page.getByRole("link", { name: `work[7] of run ${run.slice(0, 13)}` }).press("Enter");
    await page.waitForURL(`**/runs/${run}?step=work%5B7%5D`);
  });

  test("a queue that is chosen stands alone, beside those who take it", async () => {
    const page = await ui.open("/queues");
    const group = page.getByRole("region", { name: "Workers that take default", exact: true });
    await group.waitFor();
    await page.getByRole("list", { name: "Queues" }).getByRole("button", { name: "io" }).press("Enter");
    await page.waitForURL("**/queues?queue=io");
    await group.waitFor({ state: "detached" });
    await page.getByRole("region", { name: "Workers that take default, io" }).waitFor();
    await page.getByRole("button", { name: "io", pressed: true }).press("Enter");
    await group.waitFor();
  });

  test("the view is in the address: in figures, and by machine", async () => {
    const page = await ui.open("/queues");
    await page.getByRole("radio", { name: "By host" }).click();
    await page.waitForURL("**/queues?view=host");
    await page.getByRole("region", { name: "Workers on rack-2" }).getByText("2 of 8 slots busy").waitFor();
    await expectNoFlaws(page);
    await page.goBack();
    await page.getByRole("region", { name: "Workers that take default, io" }).waitFor();
    await page.getByRole("radio", { name: "Table" }).click();
    await page.waitForURL("**/queues?view=table");
    await comesTo(async () => expect(await page.getByRole("region", { name: /^Workers that take/ }).count()).toBe(0));
  });

  test("on a phone a queue is some lines in which each figure has its title, and nothing is beside the screen", async () => {
    const page = await ui.open("/queues?view=table", { width: 390, height: 844 });
    const table = page.getByRole("region", { name: "Queues in figures" });
    await table.getByRole("row", { name: /^default/ }).waitFor();
    expect(await page.evaluate("getComputedStyle(document.querySelector('.qt td'), '::before').content")).toMatch(
      /Waiting/,
    );
    const beside = "(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('.qtw'))";
    expect(await page.evaluate(beside)).toBe(0);
    await expectNoFlaws(page);
  });

  test("a worker that vanished is told with what became of its steps; cards tell what goes in and out", async () => {
    const page = await ui.open("/queues");
    await page.getByRole("list", { name: "Lost workers" }).getByText("gamma is gone").waitFor();
    const group = page.getByRole("region", { name: "Workers that take default", exact: true });
    const tile = group.getByRole("listitem").filter({ hasText: "gamma" });
    await tile.getByText(/^gone \d\d:\d\d$/).waitFor();
    const card = page.getByRole("list", { name: "Queues" }).getByRole("listitem").filter({ hasText: "default" });
    await card.getByText(/^[\d.]+ out\/s$/).waitFor();
    await card.getByText(/^oldest/).waitFor();
    await expectNoFlaws(page);
  });
});
