import type { Page } from "playwright-core";
import { describeInBrowser } from "../support/browser";
import { failedLedgerClose } from "./ledger-close";
import { comesTo, expectNoFlaws, startUi, type Ui } from "./ui-world";

describeInBrowser("the latest events of a run, and its ops by depth", () => {
  let ui: Ui;
  let failed: string;
  beforeAll(async () => {
    ui = await startUi();
    failed = await failedLedgerClose(ui);
  });
  afterEach(() => ui.closed());
  afterAll(() => ui?.stop());

  const panel = (page: Page, key: string) => page.getByRole("complementary", { name: `Step ${key}` });

  test("the last three events stand below the chart; each leads to its moment, and they are those of the moment", async () => {
    const page = await ui.open(`/runs/${failed}`);
    const rows = page.getByRole("region", { name: "Latest events" }).getByRole("listitem");
    await rows.first().getByText("RUN_FAILURE").waitFor();
    const told = await rows.getByRole("button").evaluateAll((all) => all.map((row) => row.textContent));
    expect(told).toHaveLength(3);
    const all: { items: { at: string; type: string; step: string | null }[] } = (
      await ui.world.call("GET", `/api/runs/${failed}/events?limit=1000`)
    ).body;
    const { created_at: created } = (await ui.world.call("GET", `/api/runs/${failed}`)).body;
    all.items.slice(-3).forEach(({ type, step }, i) => {
      expect(told[2 - i]).toContain(type);
      expect(told[2 - i]).toContain(step ?? "");
    });
    // At the first step's start nothing else had begun.
    const start = all.items.find(({ type, step }) => type === "STEP_START" && step === "gen")!;
    const t = (Date.parse(start.at) - Date.parse(created)) / 1000;
    await page.goto(`${page.url()}?t=${t}`);
    await rows.first().getByRole("button").filter({ hasText: "gen" }).waitFor();
    const then = all.items.filter(({ at }) => at <= start.at);
    await comesTo(async () => {
      const types = await rows
        .getByRole("button")
        .evaluateAll((found) => found.map((row) => row.children[1]!.textContent));
      expect(types).toEqual(
        then
          .slice(-3)
          .reverse()
          .map(({ type }) => type),
      );
    });
    // Events are numbered without gaps.
    const tab = (name: RegExp) => page.getByRole("link", { name }).locator("em");
    expect(await tab(/^Events/).textContent()).toBe(String(then.length));
    await expectNoFlaws(page);
    const oldest = then.at(-3)!;
    await rows.nth(2).getByRole("button").click();
    await comesTo(async () =>
      expect(Number(new URL(page.url()).searchParams.get("t")) * 1000).toBeCloseTo(
        Math.max(0, Date.parse(oldest.at) - Date.parse(created)),
        0,
      ),
    );
    await rows.first().getByText(oldest.type).waitFor();
    await page.goBack();
    await comesTo(async () => expect(new URL(page.url()).searchParams.get("t")).toBe(String(t)));
  });

  test("at a moment of the past the logs are those that were written by then, in the tab's count too", async () => {
    const page = await ui.open(`/runs/${failed}?tab=logs`);
    const lines = page.getByRole("region", { name: "Logs" }).locator(".lg");
    await lines.first().waitFor();
    const { items } = (await ui.world.call("GET", `/api/runs/${failed}/logs/lines`)).body as {
      items: { at: string }[];
    };
    const tab = page.getByRole("link", { name: /^Logs/ }).locator("em");
    await comesTo(async () => expect(await tab.textContent()).toBe(String(items.length)));
    const { created_at: created } = (await ui.world.call("GET", `/api/runs/${failed}`)).body;
    const [middle] = items
      .map(({ at }) => Date.parse(at))
      .toSorted((a, b) => a - b)
      .slice(5);
    const then = items.filter(({ at }) => Date.parse(at) <= middle!).length;
    expect(then).toBeLessThan(items.length);
    await page.goto(`${page.url()}&t=${(middle! - Date.parse(created)) / 1_000}`);
    await comesTo(async () => expect(await lines.count()).toBe(then));
    await comesTo(async () => expect(await tab.textContent()).toBe(String(then)));
    await expectNoFlaws(page);
    await page.goto(page.url().replace(/t=[^&]*/, "t=0"));
    await page.getByText("No lines by then").waitFor();
    await expectNoFlaws(page);
    await page.keyboard.press("End");
    await comesTo(async () => expect(await tab.textContent()).toBe(String(items.length)));
    await lines.first().waitFor();
  });

  test("ops by depth are walked by keys, each move is said, Enter opens the step", async () => {
    const page = await ui.open(`/runs/${failed}?mode=waterfall`);
    const ops = page.getByRole("application", { name: /^Steps by depth/ });
    await ops.getByRole("listitem").nth(2).waitFor();
    await ops.focus();
    const said = page.locator("p.sr[aria-live]");
    await page.keyboard.press("ArrowDown");
    await said.filter({ hasText: /^gen, Success, .+, depth 0\. Row 1 of 3\.$/ }).waitFor({ state: "attached" });
    await page.keyboard.press("n");
    await said.filter({ hasText: "work, group of 40 steps, Failure" }).waitFor({ state: "attached" });
    await page.keyboard.press("End");
    await said.filter({ hasText: "Row 3 of 3" }).waitFor({ state: "attached" });
    await expectNoFlaws(page);
    await page.keyboard.press("Enter");
    await panel(page, "sum").waitFor();
  });

  test("a moment that has not come is shown as the run's last one", async () => {
    const page = await ui.open(`/runs/${failed}?t=1e308`);
    await page
      .locator(".rpast")
      .getByText(/after the creation/)
      .waitFor();
    expect(await page.locator(".rpast").textContent()).not.toMatch(/Infinity|NaN/);
  });

  test("at a moment of the past everything is as it was, and End leads back", async () => {
    const page = await ui.open(`/runs/${failed}?t=0`);
    await page.getByText("Back to the end").waitFor();
    await page.getByText(/known then, 42 now/).waitFor();
    await expectNoFlaws(page);
    await page.keyboard.press("End");
    await page.getByText("42 steps", { exact: true }).waitFor();
    expect(page.url()).not.toContain("t=");
  });
});
