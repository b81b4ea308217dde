import type { Locator, Page } from "playwright-core";
import { items } from "../api/world";
import { describeInBrowser } from "../support/browser";
import { comesTo, expectNoFlaws, fanOut, startUi, type Ui } from "./ui-world";

describeInBrowser("the runs page", () => {
  let ui: Ui;
  /** Steps of runs whose config says so wait until they are let go. */
  let letGo: () => void;

  beforeAll(async () => {
    ui = await startUi();
    await ui.world.publish(fanOut("ledger_close"), fanOut("orders_import"));
  });
  beforeEach(() => {
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    ui.world.ops = {
      gen: () => items({ a: 1, b: 2, c: 3 }),
      work: async ({ config, step }, input) => {
        const { hold, fail } = config as { hold?: boolean; fail?: boolean };
        if (hold) await gate;
        if (fail && step === "work[b]")
          throw Object.assign(new Error("503 from ledger-api"), { name: "UpstreamError" });
        return input;
      },
    };
  });
  afterEach(async () => {
    letGo();
    await ui.closed();
  });
  afterAll(() => ui?.stop());

  const row = (page: Page, id: string): Locator => page.getByRole("row", { name: id.slice(0, 13) });
  const ids = (page: Page): Promise<string[]> => page.locator(".c-run a").allInnerTexts();
  const short = (id: string): string => id.slice(0, 13);
  const launch = (body: object = {}): Promise<string> => ui.world.launch({ job: "ledger_close", ...body });
  const ended = async (body: object = {}): Promise<string> => {
    const id = await launch(body);
    await ui.world.ended(id);
    return id;
  };
  const loaded = async (page: Page): Promise<void> => page.getByRole("table", { name: "Runs" }).waitFor();

  test("before the first run it says how to launch one", async () => {
    const page = await ui.open("/runs");
    await page.getByText("No runs yet").waitFor();
    await page.getByText("npx dqueue run ledger_close --wait").waitFor();
    await expectNoFlaws(page);
    const id = await launch();
    await row(page, id).waitFor();
  });

  test("a row tells how its run fares, and repaints in place while it goes on", async () => {
    const page = await ui.open("/runs");
    await loaded(page);
    const id = await launch({ config: { hold: true }, tags: { team: "core" } });
    await row(page, id).getByText("Started").waitFor();
    await row(page, id).getByText("1 / 5").waitFor();
    await row(page, id).getByRole("img", { name: "Steps: 1 succeeded, 4 to come" }).waitFor();
    expect(await row(page, id).getByRole("timer").innerText()).toMatch(/^\d\d:\d\d$/);
    await row(page, id).getByTitle("team: core").waitFor();
    letGo();
    await row(page, id).getByText("Success").waitFor();
    await comesTo(async () => {
      expect(await row(page, id).getByRole("timer").count()).toBe(0);
      expect(await row(page, id).getByRole("img", { name: "Steps: 5 succeeded" }).count()).toBe(1);
    });
  });

  test("a failed run names its error", async () => {
    const id = await ended({ config: { fail: true } });
    const page = await ui.open("/runs");
    await row(page, id).getByText("UpstreamError").waitFor();
    expect(await row(page, id).getByText("UpstreamError").getAttribute("title")).toBe(
      "UpstreamError: 503 from ledger-api",
    );
    await expectNoFlaws(page);
  });

  test("new runs wait behind a pill while something is selected, and come with a dot", async () => {
    const page = await ui.open("/runs");
    await loaded(page);
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.getByText("1 selected").waitFor();
    const before = await ids(page);
    const fresh = [await launch(), await launch()];
    await page.getByRole("button", { name: "2 new runs" }).waitFor();
    expect(await ids(page)).toEqual(before);
    await page.keyboard.press(".");
    await row(page, fresh[1]!).waitFor();
    await comesTo(async () => {
      expect((await ids(page)).slice(0, 2)).toEqual(fresh.map(short).reverse());
      expect(await page.getByRole("button", { name: /new runs?$/ }).count()).toBe(0);
    });
  });

  test("a filter is written part by part, stands in the address, and Back undoes it", async () => {
    const failed = await ended({ job: "orders_import", config: { fail: true } });
    const page = await ui.open("/runs");
    await loaded(page);
    const all = await ids(page);
    await page.keyboard.press("/");
    await page.keyboard.type("stat");
    await page.getByRole("option", { name: "status:" }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.type("fail");
    await page.getByRole("option", { name: /^status:failure/ }).click();
    await page.keyboard.type("job:orders*");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Change job is orders*" }).waitFor();
    expect(new URL(page.url()).searchParams.get("q")).toBe("status:failure job:orders*");
    await row(page, failed).waitFor();
    expect(await ids(page)).toEqual([short(failed)]);
    await page.reload();
    await row(page, failed).waitFor();
    expect(await ids(page)).toEqual([short(failed)]);
    await page.goBack();
    await page.goBack();
    await page.getByRole("button", { name: /^Change/ }).waitFor({ state: "detached" });
    await page.getByRole("row").nth(2).waitFor();
    expect(await ids(page)).toEqual(all);
  });

  test("a part that is no filter is told of with examples", async () => {
    const page = await ui.open("/runs");
    await page.getByRole("combobox", { name: "Filter runs" }).fill("status:nope");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("“status:nope” is no filter").waitFor();
    expect(new URL(page.url()).search).toBe("");
    await page.getByRole("combobox", { name: "Filter runs" }).fill("");
    await page.keyboard.press("Escape");
    await page.goto(`${page.url()}?q=job:orders_import+status:faliure`);
    await page.getByRole("alert").getByText("“status:faliure” is no filter").waitFor();
  });

  test("the counts are those of the other filters; a click adds a status, Alt-click leaves it alone", async () => {
    const page = await ui.open("/runs?q=job:orders_import");
    const facet = (name: string): Locator => page.getByRole("group", { name: "Status" }).getByRole("button", { name });
    await facet("All 1").waitFor();
    await facet("Failure 1").click();
    await page.getByRole("button", { name: "Change status is Failure" }).waitFor();
    await facet("Success 0").click();
    await page.getByRole("button", { name: "Change status is Success, Failure" }).waitFor();
    await facet("Failure 1").click({ modifiers: ["Alt"] });
    await page.getByRole("button", { name: "Change status is Failure" }).waitFor();
    await comesTo(async () => expect(await facet("Failure 1").getAttribute("aria-pressed")).toBe("true"));
  });

  test("where nothing fits, the part that is in the way is named and can be taken away", async () => {
    const page = await ui.open("/runs?q=job:orders_import tag:team=nobody");
    await page.getByText("Nothing matches 2 filters").waitFor();
    await page.getByText("tag:team=nobody").waitFor();
    await expectNoFlaws(page);
    await page.getByRole("button", { name: "Remove that filter" }).click();
    await loaded(page);
    expect(new URL(page.url()).searchParams.get("q")).toBe("job:orders_import");
  });

  test("dragging over the histogram asks for the runs of that time", async () => {
    const page = await ui.open("/runs");
    await loaded(page);
    const { x, y, width } = (await page.getByRole("img", { name: /Runs of the last 24 hours/ }).boundingBox())!;
    await page.mouse.move(x + width * 0.25, y + 10);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.5, y + 10, { steps: 3 });
    await page.mouse.up();
    await page.getByText("Nothing matches 1 filter").waitFor();
    expect(new URL(page.url()).searchParams.get("q")).toMatch(/^created:\S+Z\.\.\S+Z$/);
  });

  test("j, k, x and Enter move, select and open; Esc clears the selection", async () => {
    const page = await ui.open("/runs");
    await loaded(page);
    const [first, second] = await ids(page);
    for (const key of ["j", "j", "x", "k", "x"]) await page.keyboard.press(key);
    await page.getByText("2 selected").waitFor();
    expect(new URL(page.url()).searchParams.get("sel")!.split(",").map(short)).toEqual([second, first]);
    await page.keyboard.press("Escape");
    await page.getByText("2 selected").waitFor({ state: "detached" });
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/runs/${first}*`);
  });

  test("canceling asks first, says what happens, and does it", async () => {
    const id = await launch({ config: { hold: true } });
    const page = await ui.open("/runs");
    await row(page, id).getByText("Started").waitFor();
    await row(page, id).getByRole("checkbox").check();
    // What cannot be done to it is within reach, and says why.
    await page.getByRole("button", { name: "Compare" }).press("Enter");
    await page.getByText("Choose two runs to compare them").waitFor();
    await page.getByRole("button", { name: "Delete…" }).press("Enter");
    await page.getByText("Runs can be deleted once they have ended").waitFor();
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Cancel 1 run?" });
    await dialog.getByText("steps are told to stop", { exact: true }).waitFor();
    await expectNoFlaws(page);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    await dialog.getByRole("button", { name: "Cancel 1 run" }).click();
    await row(page, id).getByText("Canceled").waitFor();
    await page.getByText("1 run canceled").waitFor();
  });

  test("a failed run is re-executed from its failure, and an ended one deleted", async () => {
    const failed = await ended({ job: "orders_import", config: { fail: true } });
    const page = await ui.open("/runs?q=job:orders_import");
    await row(page, failed).getByRole("checkbox").check();
    await page.getByRole("button", { name: "Re-execute" }).click();
    await page.getByRole("menuitem", { name: "From failure (1)" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Re-execute 1 run" }).click();
    await page.getByText("1 run re-executed").waitFor();
    const { body } = await ui.world.call("GET", `/api/runs?parent_run_id=${failed}`);
    const again = body.items[0].id as string;
    await row(page, again)
      .getByText(`of ${short(failed)}`)
      .waitFor();
    await ui.world.ended(again);
    await row(page, again).getByRole("checkbox").check();
    await page.getByRole("button", { name: "Delete…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete 1 run" }).click();
    await row(page, again).waitFor({ state: "detached" });
    expect((await ui.world.call("GET", `/api/runs/${again}`)).status).toBe(404);
  });

  test("a row that leaves the filter fades, but stays", async () => {
    const id = await launch({ config: { hold: true } });
    const page = await ui.open("/runs?q=status:started");
    await row(page, id).waitFor();
    letGo();
    await row(page, id).getByText("Success").waitFor();
    await comesTo(async () => expect(await row(page, id).getAttribute("class")).toContain("left"));
  });

  test("columns are chosen and kept; the server sorts", async () => {
    const page = await ui.open("/runs");
    await loaded(page);
    expect(await page.getByRole("columnheader", { name: "Priority" }).count()).toBe(0);
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Priority" }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("columnheader", { name: "Priority" }).waitFor();
    await page.reload();
    await page.getByRole("columnheader", { name: "Priority" }).waitFor();
    const newest = await ids(page);
    await page.getByRole("button", { name: "Created" }).click();
    await page.waitForURL("**/runs?sort=created");
    await comesTo(async () => expect(await ids(page)).toEqual([...newest].reverse()));
  });

  test("on a phone a run is two lines", async () => {
    const page = await ui.open("/runs", { width: 390, height: 844 });
    const first = page.getByRole("row").nth(1);
    await first.waitFor();
    expect((await first.boundingBox())!.height).toBe(62);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await expectNoFlaws(page);
  });

  test("thousands of runs scroll page by page, with only what is in view drawn; Back comes back to the place", async () => {
    await ui.world.db.query(
      `insert into runs (id, job, config, status, graph_id, code_version, shard, created_at, admitted_at, started_at, ended_at)
       select gen_random_uuid(), 'many', '{}', 'SUCCESS', r.graph_id, r.code_version, 0, now() - n * interval '1 second',
              now() - n * interval '1 second', now() - n * interval '1 second', now() - n * interval '1 second'
       from generate_series(1, 1200) n, (select graph_id, code_version from runs limit 1) r`,
    );
    const page = await ui.open("/runs?q=job:many");
    await loaded(page);
    for (let rows = 100; rows < 600; rows += 100) {
      await page.evaluate("document.querySelector('.runlist').scrollTop = 1e9");
      await page.locator(`[aria-rowindex="${rows + 2}"]`).waitFor({ state: "attached" });
    }
    await comesTo(async () => expect(await page.getByRole("row").count()).toBeLessThan(100));
    // Left before the scrolling has settled, too.
    const shown = (await ids(page))[25]!;
    await page.locator(".c-run a", { hasText: shown }).click();
    await page.waitForURL(/\/runs\/[0-9a-f-]{36}/);
    await page.goBack();
    await page.locator(".c-run a", { hasText: shown }).waitFor();
    // A number may be typed as it is shown.
    await page.getByRole("row").nth(5).getByRole("checkbox").check();
    await page.getByRole("toolbar", { name: "Chosen runs" }).getByText("1 selected").waitFor();
    await page.keyboard.press("a");
    await page.getByRole("button", { name: "Delete…" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete 1,200 runs?" });
    const able: string[] = [];
    for (const typed of ["1,200", "1200", "12,00", ",1200", "1.200", "1,20"]) {
      await dialog.getByRole("textbox").fill(typed);
      if (await dialog.getByRole("button", { name: "Delete 1,200 runs" }).isEnabled()) able.push(typed);
    }
    expect(able).toEqual(["1,200", "1200"]);
    await page.keyboard.press("Escape");
  });
});
