import { setTimeout as pause } from "node:timers/promises";
import type { Page } from "playwright-core";
import { describeInBrowser } from "../support/browser";
import { failedLedgerClose, ITEMS } from "./ledger-close";
import { comesTo, expectNoFlaws, startUi, type Ui } from "./ui-world";

/** Whatever moved of what stood there already, and how much of the window that was; also what a click has moved. */
const WATCH_SHIFTS = `globalThis.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries())
    shifts.push({ value, of: sources.map(({ node }) => node?.className ?? node?.nodeName) });
}).observe({ type: "layout-shift", buffered: true });`;
const MOST_SHIFT = 0.02;

describeInBrowser("a run's page", () => {
  let ui: Ui;
  let failed: string;
  beforeAll(async () => {
    ui = await startUi();
    failed = await failedLedgerClose(ui);
  });
  afterEach(() => ui.closed());
  afterAll(() => ui?.stop());

  const chart = (page: Page) => page.getByRole("application", { name: /^Timeline/ });
  const panel = (page: Page, key: string) => page.getByRole("complementary", { name: `Step ${key}` });

  test("says how it ended and why, and counts its steps; a count is a filter that stands in the address", async () => {
    const page = await ui.open(`/runs/${failed}`);
    await page.getByRole("heading", { level: 1, name: "ledger_close" }).waitFor();
    await page.locator(".g-step", { hasText: "[7]" }).waitFor();
    const counts = page.locator(".rcounts");
    await counts.getByRole("button", { name: "39 success" }).waitFor();
    await counts.getByRole("button", { name: "2 failure" }).click();
    await page.waitForURL(/f=status:failure/);
    await comesTo(async () => expect(await page.locator(".g-step").count()).toBe(2));
    await page.goBack();
    await page.locator(".g-step").nth(3).waitFor();
    await expectNoFlaws(page);
  });

  test("the beginning of an id in the address leads to the run, or to all that begin so", async () => {
    const page = await ui.open(`/runs/${failed.slice(0, 13)}?tab=events`);
    await page.waitForURL(`**/runs/${failed}?tab=events`);
    await page.getByRole("heading", { level: 1, name: "ledger_close" }).waitFor();
    // The first eight digits are a minute's.
    let pair: string[];
    do pair = [await ui.world.launch({ job: "ledger_close" }), await ui.world.launch({ job: "ledger_close" })];
    while (pair[0]!.slice(0, 8) !== pair[1]!.slice(0, 8));
    const beginning = pair[0]!.slice(0, 8);
    await page.goto(page.url().replace(/runs.*/, `runs/${beginning}`));
    await page.getByText(`Several runs' ids begin with ${beginning}`).waitFor();
    await expectNoFlaws(page);
    await page.getByRole("link", { name: pair[1]! }).click();
    await page.waitForURL(`**/runs/${pair[1]!}`);
    await page.goto(page.url().replace(/runs.*/, "runs/00000000-0000"));
    await page.getByText("No run's id begins with 00000000-0000").waitFor();
    await Promise.all(pair.map((id) => ui.world.ended(id)));
  });

  test("a click on a failed step opens it with its error; j goes on to the next; Escape closes", async () => {
    const page = await ui.open(`/runs/${failed}`);
    await page.locator(".g-step", { hasText: "[9]" }).click();
    await panel(page, "work[9]").getByText("503 from ledger-api").first().waitFor();
    await panel(page, "work[9]").getByText("Same error in 2 steps of this run").waitFor();
    await expectNoFlaws(page);
    await page.keyboard.press("j");
    await panel(page, "work[7]").waitFor();
    await page.keyboard.press("Escape");
    await panel(page, "work[7]").waitFor({ state: "detached" });
    await page.goto(`${page.url().split("?")[0]!}?step=nope`);
    await panel(page, "nope").getByText("The run has ended without this step.").waitFor();
  });

  test("an error shows the file and line of the author's code; a single input is its value", async () => {
    const stack = `Error: 503\n    at post (/srv/${"deep/".repeat(20)}jobs/ledger.ts:41:9)\n    at emit (node:events:1:2)`;
    await ui.world.db.query(
      `update steps set error = error::jsonb || jsonb_build_object('stack', $2::text) where run_id = $1 and step = 'work[7]'`,
      [failed, stack],
    );
    const page = await ui.open(`/runs/${failed}?step=work[7]`);
    await panel(page, "work[7]").getByText("jobs/ledger.ts:41:9", { exact: true }).waitFor();
    await panel(page, "work[7]").getByRole("button", { name: "+ 1 frame of others" }).click();
    await panel(page, "work[7]").getByText("node:events:1:2").waitFor();
    expect(await panel(page, "work[7]").locator(".sjson pre").innerText()).toBe("7");
  });

  test("the keyboard alone walks the chart, opens a group, finds failures; each move is said", async () => {
    const page = await ui.open(`/runs/${failed}`);
    await chart(page).focus();
    await page.keyboard.press("n");
    await page.getByText(/^work\[[79]\], Failure, .*Error\. Row/).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("complementary", { name: /^Step work/ }).waitFor();
    await chart(page).focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowDown");
    await page.getByText(`work, group of ${ITEMS} steps.`).waitFor();
    await page.keyboard.press("ArrowRight");
    await page.locator(".g-step").nth(20).waitFor();
    await page.getByText(`work, group of ${ITEMS} steps, by key.`).waitFor();
    await page.keyboard.press("o");
    await page.getByText(`work, group of ${ITEMS} steps, by start.`).waitFor();
    expect(new URL(page.url()).search).toMatch(/open=work.*&sort=start/);
  });

  test("zooms by keys and wheel, and the address keeps what is in view", async () => {
    const page = await ui.open(`/runs/${failed}`);
    await chart(page).focus();
    await page.keyboard.press("+");
    await page.waitForURL(/z=/);
    const before = page.url();
    await page.mouse.move(900, 600);
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -200);
    await page.keyboard.up("Control");
    await page.waitForURL((url) => url.href !== before);
    await chart(page).focus();
    await page.keyboard.press("0");
    await page.waitForURL((url) => !url.searchParams.has("z"));
  });

  test("two fingers zoom at what is between them", async () => {
    const page = await ui.open(`/runs/${failed}`);
    await page.locator(".g-step", { hasText: "[7]" }).waitFor();
    const { x, y, width } = (await page.locator(".gcanvas").boundingBox())!;
    const touch = await page.context().newCDPSession(page);
    const fingers = (type: "touchStart" | "touchMove" | "touchEnd", apart: number) => {
      const places = [-apart, apart].map((by, id) => ({ x: x + width / 2 + by, y: y + 40, id }));
      return touch.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : places });
    };
    await fingers("touchStart", 30);
    for (const apart of [40, 60, 90]) await fingers("touchMove", apart);
    await fingers("touchEnd", 90);
    await page.waitForURL(/z=/);
    expect(new URL(page.url()).searchParams.has("step")).toBe(false);
  });

  test("G leads to a step by its key, out of a folded group", async () => {
    const page = await ui.open(`/runs/${failed}?f=status:failure`);
    await page.locator(".g-step").nth(1).waitFor();
    await page.keyboard.press("G");
    const key = page.getByRole("textbox", { name: "Key of the step" });
    await key.fill("404");
    await key.press("Enter");
    await page.getByText("no such step").waitFor();
    await expectNoFlaws(page);
    await key.fill("38");
    await key.press("Enter");
    await panel(page, "work[38]").waitFor();
    await page.locator(".g-step.at", { hasText: "[38]" }).waitFor();
  });

  test("every mode and the table show the same steps, without flaws", async () => {
    const page = await ui.open(`/runs/${failed}`);
    await page.getByRole("radio", { name: "Flat" }).click();
    await page.locator(".g-step").nth(15).waitFor();
    await page.getByRole("radio", { name: "By worker" }).click();
    await page.getByText(/on 1\sworker/).waitFor();
    await page.locator(".gworker").click();
    await page.locator(".g-lane", { hasText: "slot1.1" }).waitFor();
    await expectNoFlaws(page);
    await page.getByRole("radio", { name: "Waterfall" }).click();
    await page.getByRole("listitem").filter({ hasText: "sum" }).waitFor();
    await expectNoFlaws(page);
    await page.keyboard.press("m");
    const grid = page.getByRole("grid", { name: "Steps" });
    expect(await grid.getAttribute("aria-rowcount")).toBe(String(ITEMS + 2 + 1));
    await grid.getByRole("button", { name: "Status" }).click();
    await comesTo(async () => expect(await grid.getByRole("row").nth(1).innerText()).toContain("Failure"));
    await expectNoFlaws(page);
  });

  test("a failed run is re-executed with a config that was changed first; what is wrong with it is told", async () => {
    const page = await ui.open(`/runs/${failed}`);
    await page.getByRole("button", { name: "Re-execute", exact: true }).click();
    await page.getByRole("menuitem", { name: "With changed config" }).click();
    const config = page.getByRole("textbox", { name: "Config, as JSON" });
    // Of the plan, before anything is sent.
    const plan = page.getByRole("dialog").getByText(/^Runs again/);
    await plan.filter({ hasText: "work × 2, sum. 39 steps keep their results." }).waitFor();
    await page.getByRole("radio", { name: "All steps" }).click();
    await plan.filter({ hasText: "gen, work, sum." }).waitFor();
    await page.getByRole("radio", { name: "From failure" }).click();
    await config.fill("{ nonsense");
    await page.getByRole("dialog").getByRole("button", { name: "Re-execute run" }).click();
    await page.getByText(/This is no JSON/).waitFor();
    await expectNoFlaws(page);
    await config.fill("{}");
    await page.getByRole("dialog").getByRole("button", { name: "Re-execute run" }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(failed));
    await page.getByRole("link", { name: failed.slice(0, 13) }).waitFor();
    await ui.world.ended(page.url().split("/").at(-1)!);
  });

  test("a run that goes on is followed live, and canceled after a question", async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const { work } = ui.world.ops;
    ui.world.ops.work = async () => (await gate, 1);
    const id = await ui.world.launch({ job: "ledger_close" });
    const page = await ui.open(`/runs/${id}`);
    await page
      .locator(".rcounts")
      .getByRole("button", { name: /queued$/ })
      .waitFor();
    await page.locator(".gplay").getByText("LIVE").waitFor();
    await page
      .locator(".rpace")
      .getByText(/^\d+(\.\d)? steps\/s$/)
      .waitFor();
    const latest = page.getByRole("region", { name: "Latest events" });
    await latest.getByRole("button").nth(2).waitFor();
    // Rows that are there are told anew in their places.
    await page.evaluate(WATCH_SHIFTS);
    await page.keyboard.press("c");
    // The second click is not meant for the chart that lies behind: it would show another moment.
    await page.getByRole("dialog").getByRole("button", { name: "Cancel run" }).dblclick();
    release();
    await page.locator(".rhead").getByText("Canceled", { exact: true }).waitFor();
    await latest.getByText("RUN_CANCELED").waitFor();
    const shifts: { of: string[] }[] = await page.evaluate("shifts");
    expect(shifts.flatMap(({ of }) => of).filter((name) => /glatest|glev/.test(name))).toEqual([]);
    expect(new URL(page.url()).searchParams.get("t")).toBeNull();
    ui.world.ops.work = work!;
  });

  test("a run that does not exist is told once, and not asked for again", async () => {
    const page = await ui.open("/runs/0198f3c2-7d41-7000-8000-000000000000");
    await page.getByRole("alert").getByRole("button", { name: "Try again" }).waitFor();
    expect(await page.getByRole("alert").textContent()).not.toMatch(/next try/);
  });

  test("on a phone the step is a sheet from below", async () => {
    const page = await ui.open(`/runs/${failed}?step=work%5B7%5D`, { width: 390, height: 844 });
    await panel(page, "work[7]").getByText("503 from ledger-api").first().waitFor();
    expect((await panel(page, "work[7]").boundingBox())!.width).toBe(390);
    await expectNoFlaws(page);
  });

  test("tabs tell how much they hold; the panel's width is chosen by drag or keys, and kept", async () => {
    const page = await ui.open(`/runs/${failed}?step=work[7]`);
    const tabs = page.getByRole("navigation", { name: "Views of the run" });
    await tabs.getByRole("link", { name: "Graph 3" }).waitFor();
    const { seq } = (await ui.world.call("GET", `/api/runs/${failed}`)).body;
    await tabs.getByRole("link", { name: `Events ${seq}` }).waitFor();
    await tabs.getByRole("link", { name: /^Logs \d+$/ }).waitFor();
    const width = async (): Promise<number> => (await panel(page, "work[7]").boundingBox())!.width;
    const grip = page.getByRole("separator", { name: "Width of the panel" });
    await grip.waitFor();
    const before = await width();
    const box = (await grip.boundingBox())!;
    await page.mouse.move(box.x + 4, box.y + 100);
    await page.mouse.down();
    await page.mouse.move(box.x - 96, box.y + 100);
    await page.mouse.up();
    expect(Math.round((await width()) - before)).toBeGreaterThanOrEqual(95);
    await grip.press("ArrowRight");
    const chosen = await width();
    await page.reload();
    await grip.waitFor();
    expect(await width()).toBe(chosen);
    await expectNoFlaws(page);
    await grip.dblclick();
    expect(await width()).toBe(before);
  });

  test("nothing jumps while it loads with a step open, nor from tab to tab", async () => {
    const page = await ui.open("/jobs");
    await page.addInitScript(WATCH_SHIFTS);
    // So late that what stands for what is to come is seen.
    await page.route(/api.runs/, async (route) => {
      await pause(300);
      await route.continue();
    });
    await page.goto(new URL(`/runs/${failed}?step=work[7]`, page.url()).href);
    await panel(page, "work[7]").getByText("503 from ledger-api").first().waitFor();
    for (const tab of ["Events", "Logs", "Graph", "Config", "Inputs", "Timeline"]) {
      await page.getByRole("navigation", { name: "Views of the run" }).getByRole("link", { name: tab }).click();
      await page.getByText("Loading", { exact: true }).first().waitFor({ state: "detached" });
    }
    const shifts = (await page.evaluate("shifts")) as { value: number; of: string[] }[];
    const sum = shifts.reduce((all, { value }) => all + value, 0);
    expect(sum > MOST_SHIFT ? shifts : []).toEqual([]);
  });

  test("an open menu stands inside a landmark", async () => {
    const page = await ui.open(`/runs/${failed}`);
    await page.getByRole("button", { name: "Re-execute", exact: true }).click();
    await page.getByRole("menuitem", { name: "With changed config…" }).waitFor();
    await expectNoFlaws(page);
  });

  test("on a phone what can be done with the run stands below its title, as large as a thumb", async () => {
    const page = await ui.open(`/runs/${failed}`, { width: 390, height: 844 });
    const verb = page.getByRole("button", { name: "Re-execute from failure" });
    await verb.waitFor();
    expect((await verb.boundingBox())!.height).toBeGreaterThanOrEqual(44);
    await page.locator(".topacts").getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Re-execute all steps" }).waitFor();
  });
});
