import type { Page } from "playwright-core";
import { crowdingOf, describeInBrowser, openWindow } from "../support/browser";
import { eventually } from "../support/eventually";
import { extremePages, fillWithExtremes } from "./extremes";
import { comesTo, expectNoFlaws, fanOut, startUi, type Ui } from "./ui-world";

describeInBrowser("the frame", () => {
  let ui: Ui;
  let run: string;
  beforeAll(async () => {
    ui = await startUi();
    await ui.world.publish(fanOut("ledger_close"), fanOut("orders_import"));
    run = await ui.world.launch({ job: "orders_import" });
    await ui.world.ended(run);
  });
  afterEach(() => ui.closed());
  afterAll(() => ui?.stop());

  const heading = (page: Page, name: string) => page.getByRole("heading", { level: 1, name, exact: true });

  test("the sidebar leads to every page, and says where one is", async () => {
    const page = await ui.open("/runs");
    const nav = page.getByRole("navigation", { name: "Pages" });
    for (const name of ["Overview", "Jobs", "Sensors", "Schedules", "Backfills", "Concurrency", "Deployment", "Runs"]) {
      await nav.getByRole("link", { name }).click();
      await heading(page, name).waitFor();
      await comesTo(async () => {
        expect(await nav.locator("[aria-current=page]").innerText()).toBe(name);
        expect(await page.title()).toContain(name);
      });
    }
  });

  test("g and a letter go to a page; while somebody types, keys are letters", async () => {
    const page = await ui.open("/runs");
    await heading(page, "Runs").waitFor();
    for (const [key, name] of [
      ["o", "Overview"],
      ["j", "Jobs"],
      ["s", "Sensors"],
      ["h", "Schedules"],
      ["b", "Backfills"],
      ["c", "Concurrency"],
      ["d", "Deployment"],
      ["r", "Runs"],
    ]) {
      await page.keyboard.press("g");
      await page.keyboard.press(key!);
      await heading(page, name!).waitFor();
    }
    await page.keyboard.press("/");
    await page.keyboard.type("g o?");
    await comesTo(async () =>
      expect(await page.getByRole("combobox", { name: "Filter runs" }).inputValue()).toBe("g o?"),
    );
    await heading(page, "Runs").waitFor();
  });

  test("the palette finds a run by the beginning of its id, and opens it", async () => {
    const page = await ui.open("/runs");
    await page.getByRole("link", { name: run.slice(0, 13) }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Search or run" }).waitFor();
    await page.keyboard.type(run.slice(0, 13));
    await page
      .getByRole("option", { name: run.slice(0, 13) })
      .first()
      .waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/runs/${run}`);
  });

  test("the palette knows verbs and jobs; L asks which job to launch", async () => {
    const page = await ui.open("/schedules");
    await heading(page, "Schedules").waitFor();
    await page.keyboard.press("L");
    await page.getByRole("option", { name: "Launch ledger_close" }).waitFor();
    await page.keyboard.type("orders");
    await page.getByRole("option", { name: "Launch orders_import" }).click();
    await page.waitForURL("**/jobs/orders_import/launch");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Search or run" }).waitFor();
    await page.keyboard.type("nothing like this");
    await page.getByText("Nothing fits").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  test("what a first use has to load is shown as soon as it has come, though no time passes", async () => {
    const { context, page } = await openWindow(ui.browser);
    await page.clock.install();
    await page.goto(`http://127.0.0.1:${ui.link.port}/schedules`);
    await heading(page, "Schedules").waitFor();
    await page.clock.pauseAt(Date.now() + 60_000);
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await context.close();
  });

  test("no control drops the focus: not an input in place of its button, not a head that sorts, not a link that leads on", async () => {
    const page = await ui.open("/jobs/orders_import/launch");
    const hasFocus = (name: string) =>
      comesTo(async () => expect(await page.evaluate("document.activeElement.textContent")).toBe(name));
    const press = async (button: string, ...keys: string[]): Promise<void> => {
      await page.getByRole("button", { name: button, exact: true }).focus();
      for (const key of ["Enter", ...keys]) await page.keyboard.press(key);
    };
    for (const name of ["Add tag", "Save as…"]) {
      await press(name, "Escape");
      await hasFocus(name);
    }
    await page.goto(new URL("/runs", page.url()).href);
    await page.getByRole("link", { name: run.slice(0, 13) }).waitFor();
    await press("Duration");
    await page.waitForURL("**/runs?sort=-duration");
    await hasFocus("Duration");
    await page.getByRole("link", { name: run.slice(0, 13) }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/runs/${run}`);
    await comesTo(async () => expect(await page.evaluate("document.activeElement.tagName")).toBe("MAIN"));
  });

  test("all times change between UTC and local time with t", async () => {
    const page = await ui.open("/runs");
    const created = page.getByRole("table").locator("time").first();
    expect(await created.getAttribute("title")).toMatch(/ UTC$/);
    await page.keyboard.press("t");
    await page.getByRole("button", { name: /Times are in local time/ }).waitFor();
    await comesTo(async () => expect(await created.getAttribute("title")).toMatch(/ \+05:30$/));
  });

  test("a chosen theme holds from the first moment of the next visit", async () => {
    const page = await ui.open("/schedules");
    await page.getByRole("button", { name: /^Theme/ }).click();
    await page.getByRole("button", { name: /^Theme/ }).click();
    await page.addInitScript(
      "document.addEventListener('DOMContentLoaded', () => { window.first = document.documentElement.dataset.theme; })",
    );
    await page.reload();
    expect(await page.evaluate("window.first")).toBe("dark");
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(9, 10, 13)");
  });

  test("? lists the keys of the page", async () => {
    const page = await ui.open("/runs");
    await page.getByRole("table").waitFor();
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keys" });
    await help.getByText("Go to Sensors").waitFor();
    await help.getByText("Next run").waitFor();
    await expectNoFlaws(page);
  });

  test("below 1100 the sidebar is icons, below 640 tabs and a drawer", async () => {
    const page = await ui.open("/schedules", { width: 1000 });
    await heading(page, "Schedules").waitFor();
    const side = page.getByRole("complementary", { name: "Main" });
    expect((await side.boundingBox())!.width).toBe(52);
    await page.setViewportSize({ width: 390, height: 844 });
    await side.waitFor({ state: "hidden" });
    await page.getByRole("navigation", { name: "Main pages" }).getByRole("button", { name: "More" }).click();
    await expectNoFlaws(page);
    await page.getByRole("dialog").getByRole("link", { name: "Concurrency" }).click();
    await heading(page, "Concurrency").waitFor();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  test("a lost server is told of with its time; what was known stays, and goes on when it is back", async () => {
    const page = await ui.open("/runs");
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByRole("link", { name: run.slice(0, 13) }).waitFor();
    await ui.link.cut();
    await page.getByText(/Showing what was known at \d\d:\d\d:\d\d/).waitFor();
    await page.getByRole("status", { name: "" }).getByText("Offline").waitFor();
    expect(await page.getByRole("link", { name: run.slice(0, 13) }).isVisible()).toBe(true);
    await ui.link.open();
    // It may have come back by itself meanwhile.
    await page
      .getByRole("button", { name: "Reconnect" })
      .click({ timeout: 2_000 })
      .catch(() => undefined);
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByText(/Showing what was known/).waitFor({ state: "detached" });
  });

  test("a page that could not be loaded says why, and loads once it can", async () => {
    const page = await ui.open("/schedules");
    await page.getByText("Live", { exact: true }).waitFor();
    await page.route("**/api/runs?*", (route) => route.abort());
    await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Runs" }).click();
    await page.getByRole("alert").getByText("Runs could not be loaded").waitFor();
    await page.getByRole("alert").getByText("UNREACHABLE").waitFor();
    await expectNoFlaws(page);
    await page.unroute("**/api/runs?*");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("link", { name: run.slice(0, 13) }).waitFor();
  });

  /** Marks the document, and says whether it is still the one that was marked. */
  const mark = (page: Page) => page.evaluate("window.marked = true");
  const isMarked = (page: Page) => page.evaluate("window.marked === true");
  const goTo = (page: Page, name: string) =>
    page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name }).click();

  test("a page whose script cannot be had leaves the others, and is there once the server is back", async () => {
    const { context, page } = await openWindow(ui.browser);
    await page.goto(`http://127.0.0.1:${ui.link.port}/schedules`);
    await page.getByText("Live", { exact: true }).waitFor();
    await mark(page);
    await ui.link.cut();
    await page.getByText(/Showing what was known at/).waitFor();
    await goTo(page, "Deployment");
    await page.getByText("This could not be loaded").waitFor();
    await goTo(page, "Schedules");
    await heading(page, "Schedules").waitFor();
    await goTo(page, "Deployment");
    await page.getByText("This could not be loaded").waitFor();
    await ui.link.open();
    // It tries by itself, soon after.
    await page.getByRole("tab", { name: "Health" }).or(page.getByText("Processes")).first().waitFor();
    expect(await isMarked(page)).toBe(true);
    await context.close();
  });

  test("a script or style that was out of reach once is loaded the next time that it is needed", async () => {
    const { context, page } = await openWindow(ui.browser);
    await page.goto(`http://127.0.0.1:${ui.link.port}/schedules`);
    await heading(page, "Schedules").waitFor();
    await mark(page);
    for (const [pattern, name] of [
      ["**/assets/deployment-*.js", "Deployment"],
      ["**/assets/queues-*.css", "Queues"],
    ] as const) {
      await page.route(pattern, (route) => route.abort());
      await goTo(page, name);
      await page.getByText("This could not be loaded").waitFor();
      await page.unroute(pattern);
      await goTo(page, "Schedules");
      await heading(page, "Schedules").waitFor();
      await goTo(page, name);
      await heading(page, name).waitFor();
    }
    expect(await page.evaluate("document.querySelector('link[rel=stylesheet][href*=queues]').sheet !== null")).toBe(
      true,
    );
    await page.route("**/assets/help-*.js", (route) => route.abort());
    await page.keyboard.press("?");
    await page.getByRole("status").getByText("This could not be loaded").waitFor();
    await page.unroute("**/assets/help-*.js");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    expect(await isMarked(page)).toBe(true);
    await context.close();
  });

  test("scripts that are gone because the server has another build load the page anew by themselves, once", async () => {
    const { context, page } = await openWindow(ui.browser);
    const gone = (pattern: string) => page.route(pattern, (route) => route.fulfill({ status: 404 }));
    let asked = 0;
    await page.route("**/", (route) => {
      if (route.request().isNavigationRequest()) return route.continue();
      asked++;
      return route.fulfill({ contentType: "text/html", body: '<script src="/assets/index-of_another.js"></script>' });
    });
    await gone("**/assets/deployment-*.js");
    await page.goto(`http://127.0.0.1:${ui.link.port}/schedules`);
    await heading(page, "Schedules").waitFor();
    await mark(page);
    await goTo(page, "Deployment");
    // Loaded anew, it looks once more: the answer is the same, and then it stays.
    await page.getByText("This could not be loaded").waitFor();
    expect(await isMarked(page)).toBe(false);
    expect(asked).toBe(2);
    await page.unroute("**/assets/deployment-*.js");
    await page.getByRole("button", { name: "Load the page anew" }).click();
    await heading(page, "Deployment").waitFor();
    await context.close();
  });

  test("all tabs share one stream", async () => {
    const page = await ui.open("/runs");
    await page.getByText("Live", { exact: true }).waitFor();
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.getByText("Live", { exact: true }).waitFor();
    // Those of windows that were closed just now may still count.
    await eventually(async () => /^dqueue_streams 1$/m.test(String((await ui.world.call("GET", "/metrics")).body)));
  });

  test("an address that leads nowhere says so, a feature to come says what to use today", async () => {
    const page = await ui.open("/no/such/page");
    await page.getByText("There is no such page").waitFor();
    await page.goto(page.url().replace("/no/such/page", "/backfills"));
    await page.getByText("today, launch a run for each").waitFor();
    await expectNoFlaws(page);
  });

  test("names as long as can be, scripts of all directions and many tags fit on each page, at 1280, at 390 and at twice the size", async () => {
    const extremes = await fillWithExtremes(ui.world);
    const page = await ui.open("/");
    for (const [path, shows] of extremePages(extremes)) {
      await page.goto(new URL(path, page.url()).href);
      await page.getByText(shows).first().waitFor({ state: "attached" });
      for (const width of [1280, 640, 390]) {
        await page.setViewportSize({ width, height: 800 });
        await comesTo(async () => expect([path, width, await crowdingOf(page)]).toEqual([path, width, []]));
      }
    }
  }, 300_000);
});
