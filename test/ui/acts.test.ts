import type { Page } from "playwright-core";
import { job, op } from "../core/graphs";
import { describeInBrowser } from "../support/browser";
import { comesTo, expectNoFlaws, startUi, type Ui } from "./ui-world";

describeInBrowser("what is done to one thing", () => {
  let ui: Ui;
  let letGo: () => void;
  beforeAll(async () => {
    ui = await startUi();
    await ui.world.publish({ ...job(op("first"), op("second")), job: "nightly" });
  });
  beforeEach(() => {
    const gate = new Promise<null>((resolve) => (letGo = () => resolve(null)));
    ui.world.ops = {
      first: ({ config }) => (config.hold ? gate : null),
      second: () => Promise.reject(new Error("503 from ledger-api")),
    };
  });
  afterEach(async () => {
    letGo();
    await ui.closed();
  });
  afterAll(() => ui?.stop());

  const failed = async (): Promise<string> => {
    const id = await ui.world.launch({ job: "nightly" });
    await ui.world.ended(id);
    return id;
  };
  const repeats = async (id: string): Promise<string[]> => {
    const { items } = (await ui.world.call("GET", `/api/runs?parent_run_id=${id}`)).body;
    return items.map((run: { id: string }) => run.id);
  };
  const again = (page: Page) => page.getByRole("button", { name: "Re-execute from failure" });
  const focused = (page: Page): Promise<string> => page.evaluate("document.activeElement.tagName");

  test("a run is repeated once, whether its button is clicked twice or its answer is lost", async () => {
    const twice = await failed();
    const page = await ui.open(`/runs/${twice}`);
    await again(page).dblclick();
    await page.waitForURL((url) => !url.pathname.endsWith(twice));
    expect(await repeats(twice)).toHaveLength(1);
    const lost = await failed();
    await page.goto(new URL(`/runs/${lost}`, page.url()).href);
    await page.route("**/reexecute", async (route) => {
      await route.fetch();
      await route.abort();
    });
    await again(page).click();
    await page.getByText(/was not re-executed/).waitFor();
    await page.unroute("**/reexecute");
    await again(page).click();
    await page.waitForURL((url) => !url.pathname.endsWith(lost));
    const [made, ...others] = await repeats(lost);
    expect([page.url().endsWith(made!), others]).toEqual([true, []]);
    await ui.world.ended(made!);
  });

  test("whoever looks at a run that somebody deletes is told so at the next act, and keeps what there was", async () => {
    const id = await failed();
    const other = await ui.open(`/runs/${id}`);
    await other.locator(".g-step").nth(1).waitFor();
    const page = await ui.open(`/runs/${id}`);
    await page.getByRole("button", { name: "More" }).press("Enter");
    await page.getByRole("menuitem", { name: "Delete run…" }).press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Delete run" }).press("Enter");
    await page.waitForURL("**/runs");
    await comesTo(async () => expect(await focused(page)).toBe("MAIN"));
    await page.goBack();
    await page.getByRole("alert").getByText(`There is no run ${id}`).waitFor();
    expect(await page.getByRole("button", { name: "Re-execute" }).count()).toBe(0);
    await again(other).click();
    await other.getByText("The run was deleted.", { exact: true }).waitFor();
    await other.locator(".g-step").nth(1).waitFor();
    // The pointer rests on it: out of use, it reads as well as everything else.
    expect(await again(other).isDisabled()).toBe(true);
    await expectNoFlaws(other);
  });

  test("the palette asks, too, before it cancels; then the focus is the page's", async () => {
    const id = await ui.world.launch({ job: "nightly", config: { hold: true } });
    const page = await ui.open("/jobs");
    await page.getByRole("link", { name: "nightly", exact: true }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Search or run" }).fill(`cancel ${id.slice(0, 18)}`);
    await page.getByRole("option", { name: "Cancel nightly" }).waitFor();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: /^Cancel run/ });
    await dialog.getByText("Steps of nightly that run are told to stop").waitFor();
    await expectNoFlaws(page);
    await page.keyboard.press("Escape");
    await comesTo(async () => expect(await focused(page)).toBe("MAIN"));
    expect((await ui.world.call("GET", `/api/runs/${id}`)).body.cancel_requested_at).toBeNull();
    await page.goto(new URL(`/runs/${id}`, page.url()).href);
    await page.locator(".rhead").getByText("Started", { exact: true }).waitFor();
    await page.keyboard.press("c");
    await dialog.waitFor();
    // It ends meanwhile.
    letGo();
    await ui.world.ended(id);
    await dialog.getByRole("button", { name: "Cancel run" }).click();
    await page.getByText(/was not canceled/).waitFor();
    await page.getByText(/has ended/).waitFor();
  });
});
