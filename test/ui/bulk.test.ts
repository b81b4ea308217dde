import type { Locator, Page } from "playwright-core";
import { job, op } from "../core/graphs";
import { describeInBrowser } from "../support/browser";
import { comesTo, expectNoFlaws, startUi, type Ui } from "./ui-world";

const jobOf = (name: string) => ({ ...job(op("first"), op("second")), job: name });

describeInBrowser("what is done to all runs of a filter", () => {
  let ui: Ui;
  let letGo: () => void;
  beforeAll(async () => {
    // Two go on, the others wait.
    ui = await startUi({ maxConcurrentRuns: 2 });
    await ui.world.publish(...["nightly", "fx_load", "fx_save", "strict"].map(jobOf));
  });
  beforeEach(() => {
    const gate = new Promise<null>((resolve) => (letGo = () => resolve(null)));
    ui.world.ops = { first: ({ config }) => (config.hold ? gate : null) };
  });
  afterEach(async () => {
    letGo();
    await ui.closed();
  });
  afterAll(() => ui?.stop());

  const launch = (n: number, job: string, config: object = { hold: true }): Promise<string[]> =>
    Promise.all(Array.from({ length: n }, () => ui.world.launch({ job, config })));
  /** The page of a filter with all of its runs chosen. */
  const withAllChosen = async (q: string, n: number): Promise<Page> => {
    const page = await ui.open(`/runs?q=${q}`);
    await page.getByRole("row").nth(n).waitFor();
    await page.getByRole("row").nth(1).getByRole("checkbox").check();
    await page.getByRole("button", { name: `Select all ${n}` }).click();
    await page.getByText(`All ${n} of the filter`).waitFor();
    return page;
  };
  const toolbar = (page: Page): Locator => page.getByRole("toolbar", { name: "Chosen runs" });
  const card = (page: Page, title: string): Locator => page.getByRole("region", { name: title });

  test("all are canceled once their number is typed; a card tells how far it is, wherever one goes", async () => {
    const ids = await launch(24, "nightly");
    const [other] = await launch(1, "fx_load");
    const page = await withAllChosen("job:nightly", 24);
    expect(new URL(page.url()).searchParams.get("sel")).toBe("all");
    await toolbar(page).getByRole("button", { name: "Cancel" }).click();
    const dialog = page.getByRole("dialog", { name: "Cancel 24 runs?" });
    const act = dialog.getByRole("button", { name: "Cancel 24 runs" });
    await dialog.getByText("job is nightly").waitFor();
    await dialog.getByText(/Queued · 2[234]/).waitFor();
    await dialog.getByRole("textbox", { name: "Type 24 to confirm" }).fill("23");
    expect(await act.isDisabled()).toBe(true);
    await expectNoFlaws(page);
    await dialog.getByRole("textbox").fill(" 24 ");
    await act.click();
    await card(page, "24 runs canceled").waitFor();
    for (const id of ids) expect((await ui.world.ended(id)).status).toBe("CANCELED");
    await page.keyboard.press("g");
    await page.keyboard.press("j");
    await page.getByRole("heading", { level: 1, name: "Jobs" }).waitFor();
    await card(page, "24 runs canceled").getByText("24 / 24").waitFor();
    await expectNoFlaws(page);
    await page.reload();
    await card(page, "24 runs canceled").getByRole("link", { name: "Show as filter" }).click();
    await page.waitForURL(/q=tag:dqueue\/bulk=[0-9a-f-]{36}/);
    await page.getByRole("button", { name: "All 24" }).waitFor();
    await page.getByRole("row").nth(24).waitFor();
    await page.getByRole("button", { name: "Close: 24 runs canceled" }).click();
    await card(page, "24 runs canceled").waitFor({ state: "detached" });
    await page.reload();
    await page.getByRole("row").nth(24).waitFor();
    expect(await card(page, "24 runs canceled").count()).toBe(0);
    expect((await ui.world.call("GET", `/api/runs/${other}`)).body.cancel_requested_at).toBeNull();
  });

  test("a count that is off is refused: the dialog says so and counts again, nothing is canceled", async () => {
    const ids = await launch(10, "nightly");
    const page = await withAllChosen("job:nightly status:queued,starting,started", 10);
    await toolbar(page).getByRole("button", { name: "Cancel" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox", { name: "Type 10 to confirm" }).fill("10");
    // From here on the page does not hear of what is new.
    await page.route(/counts.*whole=true/, (route) => route.abort());
    ids.push(...(await launch(5, "nightly")));
    await dialog.getByRole("button", { name: "Cancel 10 runs" }).click();
    await dialog.getByRole("alert").getByText("It would be 15 runs and not 10: nothing was done.").waitFor();
    const { rows } = await ui.world.db.query(
      "select 1 from runs where id = any($1) and cancel_requested_at is not null",
      [ids],
    );
    expect(rows).toEqual([]);
    await page.unroute(/counts.*whole=true/);
    await page.getByRole("dialog", { name: "Cancel 15 runs?" }).waitFor();
    expect(await dialog.getByRole("button", { name: "Cancel 15 runs" }).isDisabled()).toBe(true);
    await expectNoFlaws(page);
    await page.keyboard.press("Escape");
    letGo();
    for (const id of ids) await ui.world.ended(id);
  });

  test("many that were chosen one by one are the server's to go through: they are, though the page is loaded anew", async () => {
    const ids = await launch(24, "nightly");
    const page = await ui.open("/runs?q=job:nightly status:queued,started");
    await page.getByRole("row").nth(24).waitFor();
    for (let i = 0; i < 21; i++) {
      await page.keyboard.press("j");
      await page.keyboard.press("x");
    }
    await page.getByText("21 selected").waitFor();
    await toolbar(page).getByRole("button", { name: "Cancel" }).click();
    const dialog = page.getByRole("dialog", { name: "Cancel 21 runs?" });
    await dialog.getByRole("textbox", { name: "Type 21 to confirm" }).fill("21");
    const begun = page.waitForResponse(/runs\/bulk$/);
    await page.keyboard.press("Enter");
    await begun;
    await page.reload();
    await card(page, "21 runs canceled").getByText("21 / 21").waitFor();
    await page.getByRole("button", { name: "Close: 21 runs canceled" }).click();
    letGo();
    for (const id of ids) await ui.world.ended(id);
  });

  test("Back leaves the question; what was confirmed begins once, though the answer to it was lost", async () => {
    const ids = await launch(3, "fx_save", {});
    for (const id of ids) await ui.world.ended(id);
    const page = await ui.open("/runs?q=job:fx_save");
    await page
      .getByRole("group", { name: "Status" })
      .getByRole("button", { name: /^Success/ })
      .click();
    await page.waitForURL(/status:success/);
    await page.getByRole("row").nth(1).getByRole("checkbox").check();
    await toolbar(page).getByText("1 selected").waitFor();
    await page.keyboard.press("a");
    const dialog = page.getByRole("dialog", { name: "Re-execute 3 runs?" });
    const ask = async (): Promise<void> => {
      await toolbar(page).getByText("All 3 of the filter").waitFor();
      await toolbar(page).getByRole("button", { name: "Re-execute" }).click();
      await page.getByRole("menuitem", { name: /^All steps/ }).click();
      await dialog.waitFor();
    };
    await ask();
    await page.goBack();
    await dialog.waitFor({ state: "detached" });
    // Nor is it asked of the rows, of which the other filter has the same.
    await toolbar(page).getByText("3 selected").waitFor();
    expect(await page.getByRole("dialog").count()).toBe(0);
    await page.goForward();
    await page.waitForURL(/status:success/);
    await ask();
    await page.route("**/runs/bulk", async (route) => {
      await route.fetch();
      await route.abort();
    });
    await dialog.getByRole("textbox").fill("3");
    await page.keyboard.press("Enter");
    await dialog.getByRole("alert").getByText("It may have begun").waitFor();
    // By now the filter finds what was made, too; what was confirmed is asked for again as it was.
    await comesTo(async () => {
      const { body } = await ui.world.call("GET", "/api/runs?job=fx_save&status=SUCCESS");
      expect(body.items).toHaveLength(6);
    });
    await expectNoFlaws(page);
    await page.unroute("**/runs/bulk");
    await page.keyboard.press("Enter");
    await card(page, "3 runs re-executed").getByText("3 / 3").waitFor();
    const { rows } = await ui.world.db.query("select parent_run_id as id from runs where parent_run_id = any($1)", [
      ids,
    ]);
    expect(rows.map(({ id }) => id).sort()).toEqual([...ids].sort());
    await page.getByRole("button", { name: "Close: 3 runs re-executed" }).click();
  });

  test("what is refused is told with its reason", async () => {
    const ids = [...(await launch(2, "strict", { n: 1 })), ...(await launch(1, "strict", { n: "one" }))];
    for (const id of ids) await ui.world.ended(id);
    const configSchema = { type: "object", properties: { n: { type: "integer" } }, additionalProperties: false };
    await ui.world.publish({ ...jobOf("strict"), configSchema });
    const page = await withAllChosen("job:strict", 3);
    await toolbar(page).getByRole("button", { name: "Re-execute" }).click();
    await page.getByRole("menuitem", { name: "All steps (3)" }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("3");
    await page.keyboard.press("Enter");
    await card(page, "2 runs re-executed").getByRole("button", { name: "1 refused" }).click();
    await card(page, "2 runs re-executed")
      .getByText(/config\.n must be integer/)
      .waitFor();
    await expectNoFlaws(page);
  });

  test("one that is taken out leaves the others; another filter is not chosen with this one", async () => {
    const page = await withAllChosen("job:strict", 5);
    await page.getByRole("row").nth(2).getByRole("checkbox").uncheck();
    await page.getByText("4 selected").waitFor();
    await page.keyboard.press("a");
    await page.getByText("All 5 of the filter").waitFor();
    await page.reload();
    await page.getByText("All 5 of the filter").waitFor();
    await page
      .getByRole("group", { name: "Status" })
      .getByRole("button", { name: /^Success/ })
      .click();
    await page.getByText("All 5 of the filter").waitFor({ state: "detached" });
  });
});
