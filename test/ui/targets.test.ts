import type { Page } from "playwright-core";
import { items } from "../api/world";
import { job, op } from "../core/graphs";
import { describeInBrowser, lowTargetsOf } from "../support/browser";
import { EXTREME, fillWithExtremes } from "./extremes";
import { layersOf } from "./layers";
import { comesTo, fanOut, startUi, type Ui } from "./ui-world";

describeInBrowser("on a phone", () => {
  let ui: Ui;
  let runs: Awaited<ReturnType<typeof fillWithExtremes>>;
  let live: string;
  /** Large enough for a group. */
  let fan: string;
  let letGo = (): void => undefined;
  beforeAll(async () => {
    ui = await startUi();
    runs = await fillWithExtremes(ui.world);
    await ui.world.publish({ ...job(op("held")), job: "held" }, fanOut("fan"));
    Object.assign(ui.world.ops, { gen: () => items(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [i, i]))) });
    fan = await ui.world.launch({ job: "fan" });
    await ui.world.ended(fan);
    ui.world.ops.held = () => new Promise((resolve) => (letGo = () => resolve(null)));
    live = await ui.world.launch({ job: "held" });
  });
  afterEach(() => ui.closed());
  afterAll(async () => {
    letGo();
    await ui?.stop();
  });

  test("each control of each page answers to a finger over 44 px, but for links within a text", async () => {
    const { failed, whole, queued } = runs;
    const { job, sensor, queue, worker } = EXTREME;
    const page = await ui.open("/", { width: 390, height: 844 });
    const low: Record<string, string[]> = {};
    for (const [path, shows] of [
      ["/", job],
      ["/runs", job],
      [`/runs?q=${encodeURIComponent(`job:${job} status:success`)}`, job],
      ["/jobs", job],
      ["/jobs?group=team", job],
      [`/jobs/${job}`, job],
      [`/jobs/${job}/launch?from=${whole}`, "What to expect"],
      ["/sensors", sensor],
      [`/sensors?sel=${sensor}`, sensor],
      ["/queues", queue],
      ["/queues?view=table", queue],
      ["/queues?view=host", worker],
      ["/deployment?shard=1", "Shards"],
      ["/deployment?tab=storage", "NAMESPACE"],
      ["/deployment?tab=access", "Launch"],
      [`/runs/${queued}`, job],
      [`/runs/${failed}`, job],
      [`/runs/${failed}?step=${encodeURIComponent("process".padEnd(128, "_process"))}[ok]`, job],
      [`/runs/${failed}?mode=worker`, job],
      [`/runs/${fan}`, "×20"],
      [`/runs/${fan}?open=work`, "by key"],
      [`/runs/${failed}?tab=graph`, job],
      [`/runs/${failed}?tab=logs`, "begins"],
      [`/runs/${failed}?tab=events`, "RUN_START"],
      [`/runs/${failed}?tab=config`, job],
      [`/runs/${failed}/compare/${whole}`, "What differs"],
      ["/schedules", "Schedules"],
      ["/backfills", "Backfills"],
      ["/concurrency", "Concurrency"],
      ["/no/such/page", "There is no such page"],
      ["/signin", "asks nobody"],
    ] as const) {
      await page.goto(new URL(path, page.url()).href);
      await page.getByText(shows).first().waitFor({ state: "attached" });
      const found = await settledTargets(page);
      if (found.length > 0) low[path.slice(0, 60)] = found;
    }
    expect(low).toEqual({});
  }, 300_000);

  test("so does each of menus, dialogs, sheets, suggestions and messages", async () => {
    const page = await ui.open("/", { width: 390, height: 844 });
    const low: Record<string, string[]> = {};
    for (const { name, path, open } of layersOf({ ...runs, live })) {
      await page.goto(new URL(path, page.url()).href);
      await page.getByRole("main").first().waitFor();
      try {
        await open(page);
      } catch (error) {
        throw new Error(`${name} did not open`, { cause: error });
      }
      const found = await settledTargets(page);
      if (found.length > 0) low[name] = found;
    }
    expect(low).toEqual({});
  }, 300_000);

  /** What is still on its way has no controls. */
  const settledTargets = async (page: Page): Promise<string[]> => {
    await comesTo(async () => expect(await page.locator(".sk").count()).toBe(0));
    return lowTargetsOf(page);
  };
});
