import type { Page } from "playwright-core";
import { publishSensors } from "../../store/instigators";
import { job, op } from "../core/graphs";
import { describeInBrowser } from "../support/browser";
import { expectNoFlaws, startUi, type Ui } from "./ui-world";

describeInBrowser("the list of jobs", () => {
  let ui: Ui;
  const runs: string[] = [];
  beforeAll(async () => {
    ui = await startUi();
    await ui.world.publish(
      { ...job(op("post")), job: "ledger_close", tags: { team: "billing" } },
      { ...job(op("load")), job: "orders", tags: { team: "data", tier: "gold" } },
      { ...job(op("load")), job: "stock", tags: { team: "data" } },
      { ...job(op("sleep")), job: "unused" },
    );
    ui.world.ops = {
      post: () => {
        throw new Error("no ledger");
      },
    };
    for (const name of ["orders", "stock", "stock", "ledger_close"]) {
      runs.push(await ui.world.launch({ job: name }));
      await ui.world.ended(runs.at(-1)!);
    }
    const sensor = { kind: "sensor" as const, description: null, minimumIntervalSeconds: 600 };
    const watches = { runStatuses: [], monitoredJobs: [] };
    await publishSensors(ui.world.db, {
      codeVersion: "v",
      sensors: [
        { name: "new_orders", jobs: ["orders"], defaultStatus: "RUNNING", ...sensor, ...watches },
        { name: "new_stock", jobs: ["stock"], defaultStatus: "STOPPED", ...sensor, ...watches },
      ],
    });
  });
  afterEach(() => ui.closed());
  afterAll(() => ui?.stop());

  const rows = (page: Page) => page.getByRole("table", { name: "Jobs" }).locator(".jobrow:not(.jobhead .jobrow)");
  const names = (page: Page) => rows(page).locator("a.strong").allInnerTexts();

  test("those that fail come first, then the busiest, each with its figures and what launches it", async () => {
    const page = await ui.open("/jobs");
    await rows(page).first().waitFor();
    expect(await names(page)).toEqual(["ledger_close", "stock", "orders", "unused"]);
    await rows(page).nth(0).getByRole("img", { name: "fails" }).waitFor();
    await rows(page).nth(0).getByText("0\u00a0%").waitFor();
    await rows(page).nth(1).getByRole("link", { name: "new_stock, off" }).waitFor();
    await rows(page).nth(1).getByRole("img", { name: "Last 2 runs, none failed" }).waitFor();
    await rows(page).nth(3).getByText("never", { exact: true }).waitFor();
    await expectNoFlaws(page);
  });

  test("search looks at names, teams, ops and sensors; states count what is found; the address holds both", async () => {
    const page = await ui.open("/jobs");
    await rows(page).first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("data");
    await page.waitForURL(/q=data/);
    expect(await names(page)).toEqual(["stock", "orders"]);
    await page.getByRole("button", { name: "Paused 1" }).click();
    expect(await names(page)).toEqual(["stock"]);
    await page.getByRole("searchbox", { name: "Search jobs" }).fill("new_orders");
    await page.getByText("No job matches").waitFor();
    await page
      .getByRole("button", { name: "Show all states" })
      .or(page.getByRole("button", { name: "Clear the search" }))
      .click();
    await page.reload();
    await rows(page).first().waitFor();
    expect((await names(page)).length).toBe(1);
  });

  test("sorted by a column, grouped by team; back leads to the order before", async () => {
    const page = await ui.open("/jobs?group=team");
    await rows(page).first().waitFor();
    expect(
      await rows(page)
        .filter({ hasText: /^(billing|data|none)/ })
        .allInnerTexts(),
    ).toEqual(["billing 1", "data 2", "none 1"]);
    await page.getByRole("radio", { name: "None" }).click();
    await page.getByRole("button", { name: "Job", exact: true }).click();
    expect(await names(page)).toEqual(["ledger_close", "orders", "stock", "unused"]);
    await page.getByRole("columnheader", { name: "Job" }).and(page.locator("[aria-sort=ascending]")).waitFor();
  });

  test("rows stand still while jobs run; the keys walk along them and open one; a bar opens its run", async () => {
    const page = await ui.open("/jobs");
    await rows(page).first().waitFor();
    runs.push(await ui.world.launch({ job: "unused" }));
    await ui.world.ended(runs.at(-1)!);
    await rows(page).nth(3).getByText("100\u00a0%").waitFor();
    expect(await names(page)).toEqual(["ledger_close", "stock", "orders", "unused"]);
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/jobs/stock");
    await page.goBack();
    await rows(page).nth(2).locator(".lastruns i").click();
    await page.waitForURL(`**/runs/${runs[0]!}`);
  });

  test("phones show a job in two lines", async () => {
    const page = await ui.open("/jobs", { width: 390, height: 844 });
    await rows(page).first().waitFor();
    expect((await rows(page).first().boundingBox())!.height).toBe(64);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await expectNoFlaws(page);
  });
});
