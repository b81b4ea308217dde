import type { Page } from "playwright-core";
import { Rows } from "../../ui/pages/run/timeline/draw/rows";
import { describeInBrowser } from "../support/browser";
import { EXTREME, fillWithExtremes } from "./extremes";
import { comesTo, expectNoFlaws, startUi, type Ui } from "./ui-world";

const PHONE = { width: 390, height: 844 };
/** Two lines of 20 px, what stands around them, and the room of a finger. */
const TWO_LINES_PX = 64;

describe("rows whose names stand above what is drawn", () => {
  test("what is drawn begins below the name, and rows are as high as both", () => {
    const rows = new Rows(true);
    rows.add("step", 0);
    rows.add("group", 1);
    expect(rows.drawn(0)).toEqual({ top: rows.nameHeight(0), height: rows.height(0) - rows.nameHeight(0) });
    expect(rows.drawn(1).top).toBe(rows.height(0) + rows.nameHeight(1));
    expect(rows.height(0)).toBeGreaterThanOrEqual(44);
  });

  test("beside a name a row is drawn from its top on", () => {
    const rows = new Rows();
    rows.add("step", 0);
    rows.add("group", 1);
    expect(rows.drawn(1)).toEqual({ top: rows.height(0), height: rows.height(1) });
  });
});

describeInBrowser("a phone, with the longest names", () => {
  let ui: Ui;
  let runs: Awaited<ReturnType<typeof fillWithExtremes>>;
  beforeAll(async () => {
    ui = await startUi();
    runs = await fillWithExtremes(ui.world);
  });
  afterEach(() => ui.closed());
  afterAll(() => ui?.stop());

  test.each([
    ["/deployment", "Take-overs, newest first"],
    ["/deployment?tab=access", "Entries of the audit log"],
    ["/queues?view=table", "Queues in figures"],
  ])("at %s each row of %s is two lines", async (path, table) => {
    const page = await ui.open(path, PHONE);
    const rows = page.getByRole("region", { name: table }).locator("tbody tr");
    await rows.first().waitFor();
    const high = await rows.evaluateAll((all) =>
      (all as { offsetHeight: number }[]).map(({ offsetHeight }) => offsetHeight),
    );
    expect(high.length).toBeGreaterThan(0);
    expect(Math.max(...high)).toBeLessThanOrEqual(TWO_LINES_PX);
  });

  test("a step is its name, and below that a bar on an axis as wide as the screen; a tap on either opens it", async () => {
    const page = await ui.open(`/runs/${runs.whole}`, PHONE);
    const chart = page.getByRole("application", { name: /^Timeline/ });
    const name = page.locator(".gnames > .g-step").first();
    await name.waitFor();
    const [bars, row] = [await chart.locator("canvas").first().boundingBox(), await name.boundingBox()];
    expect(bars!.width).toBeGreaterThanOrEqual(350);
    expect(row!.width).toBe(390);
    for (const y of [10, 40]) {
      await page.mouse.click(row!.x + 200, row!.y + y);
      await page.getByRole("complementary", { name: /^Step generate/ }).waitFor();
      await page.getByRole("button", { name: "Close the step" }).click();
    }
  });

  test.each(["timed", "flat", "waterfall", "worker"])("axe finds nothing in the mode %s", async (mode) => {
    const page = await ui.open(`/runs/${runs.failed}?mode=${mode}`, PHONE);
    await page
      .locator(mode === "waterfall" ? ".wrow" : ".gnames > .gn")
      .first()
      .waitFor();
    await expectNoFlaws(page);
  });

  test("nothing that can be done scrolls out of view sideways", async () => {
    const page = await ui.open("/", PHONE);
    const away: Record<string, string[]> = {};
    for (const path of [
      "/deployment",
      `/runs/${runs.failed}`,
      `/runs/${runs.whole}`,
      `/jobs/${EXTREME.job}`,
      "/sensors",
    ]) {
      await page.goto(new URL(path, page.url()).href);
      await page.locator(".topacts").waitFor();
      await comesTo(async () => expect(await page.locator(".sk").count()).toBe(0));
      const found = await awayOf(page, ".topacts > *");
      if (found.length > 0) away[path] = found;
    }
    await page.goto(new URL("/runs", page.url()).href);
    await page.getByRole("row").getByRole("checkbox").first().check();
    await page.getByRole("toolbar", { name: "Chosen runs" }).waitFor();
    const found = await awayOf(page, ".bulk > *");
    if (found.length > 0) away.bulk = found;
    expect(away).toEqual({});
  });
});

/** What of these does not stand in view whole. */
const awayOf = (page: Page, selector: string): Promise<string[]> =>
  page
    .locator(selector)
    .evaluateAll((all) =>
      (all as { getBoundingClientRect(): { left: number; right: number }; textContent: string }[])
        .filter((one) => one.getBoundingClientRect().left < 0 || one.getBoundingClientRect().right > 390)
        .map(({ textContent }) => textContent),
    );
