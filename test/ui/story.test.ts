import type { Locator, Page } from "playwright-core";
import { items } from "../api/world";
import { describeInBrowser } from "../support/browser";
import { expectNoFlaws, fanOut, startUi, type Ui } from "./ui-world";

const JOB = {
  ...fanOut("ledger_close"),
  configSchema: {
    type: "object",
    properties: { rates: { type: "string", enum: ["strict", "lenient"] } },
    required: ["rates"],
    additionalProperties: false,
  },
  defaultConfig: { rates: "lenient" },
};

const SCROLLED = "document.querySelector('.runlist').scrollTop";

describeInBrowser("from a launch to its mended repetition", () => {
  let ui: Ui;
  let letGo: () => void;
  beforeAll(async () => {
    ui = await startUi();
    await ui.world.publish(JOB);
    await ui.world.ended(await ui.world.launch({ job: "ledger_close" }));
  });
  beforeEach(() => {
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    ui.world.ops = {
      gen: () => items({ eur: 1, usd: 2, try: 3 }),
      work: async ({ config, step }, input) => {
        await gate;
        if (config.rates === "strict" && step === "work[try]") throw new Error("no rate for TRY");
        return input;
      },
    };
  });
  afterEach(async () => {
    letGo();
    await ui.closed();
  });
  afterAll(() => ui?.stop());

  const editor = (page: Page): Locator => page.getByRole("textbox", { name: "Config of ledger_close" });
  /** By the keys alone. */
  const rewrite = async (page: Page): Promise<void> => {
    for (const key of ["Control+a", "Delete"]) await page.keyboard.press(key);
    await page.keyboard.type("rates: strict");
    await page.keyboard.press("Escape");
  };
  const head = (page: Page): Locator => page.locator(".rhead");
  const panel = (page: Page): Locator => page.getByRole("complementary", { name: "Step work[try]" });
  const idOf = (page: Page): string => new URL(page.url()).pathname.split("/")[2]!;
  const opened = async (page: Page, but: string[] = []): Promise<string> => {
    await page.waitForURL(
      (url) => /^\/runs\/[0-9a-f-]{36}$/.test(url.pathname) && !but.includes(url.pathname.slice(6)),
    );
    return idOf(page);
  };
  const configOf = async (id: string) => (await ui.world.call("GET", `/api/runs/${id}`)).body.config;
  const untilFocused = async (page: Page, wanted: Locator): Promise<void> => {
    await wanted.waitFor();
    for (let presses = 0; presses < 120; presses++) {
      if (await wanted.evaluate((element: any) => element.matches(":focus"))) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`Tab does not lead to ${String(wanted)}.`);
  };

  test("it is launched, watched, understood, repeated with another config, and compared", async () => {
    const page = await ui.open("/jobs/ledger_close/launch");
    await page.getByRole("group", { name: "Problems" }).getByText("No problems").waitFor();
    await editor(page).click();
    await rewrite(page);
    await page.getByRole("group", { name: "Problems" }).getByText("No problems").waitFor();
    await page
      .getByRole("button", { name: /^Launch/ })
      .last()
      .click();
    const first = await opened(page);
    await head(page).getByText("Started", { exact: true }).waitFor();
    await page.locator(".gplay").getByText("LIVE").waitFor();
    letGo();
    await head(page).getByText("Failure", { exact: true }).waitFor();
    expect(await configOf(first)).toEqual({ rates: "strict" });

    await page.locator(".g-step", { hasText: "[try]" }).first().click();
    await panel(page).getByText("no rate for TRY").first().waitFor();
    await page.getByRole("button", { name: "Re-execute", exact: true }).click();
    await page.getByRole("menuitem", { name: "With changed config" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("radio", { name: "From failure", checked: true }).waitFor();
    await dialog.getByRole("textbox", { name: "Config, as JSON" }).fill('{ "rates": "lenient" }');
    await dialog.getByRole("button", { name: "Re-execute run" }).click();
    const second = await opened(page, [first]);
    await head(page).getByText("Success", { exact: true }).waitFor();
    expect(await configOf(second)).toEqual({ rates: "lenient" });
    const { body: kept } = await ui.world.call("GET", `/api/runs/${second}/steps`);
    expect(kept.items.map(({ key, reused_from }: any) => [key, reused_from !== null])).toEqual([
      ["gen", true],
      ["sum", false],
      ["work[eur]", true],
      ["work[try]", false],
      ["work[usd]", true],
    ]);

    await page.getByRole("button", { name: "Compare" }).click();
    await page.waitForURL(`**/runs/${first}/compare/${second}`);
    await page.getByText(/^B succeeds where A fails/).waitFor();
    await page.getByRole("row", { name: /work\[try\] Failure Success/ }).waitFor();
    await expectNoFlaws(page);
    await page.goBack();
    await head(page).getByText("Success", { exact: true }).waitFor();
    expect(idOf(page)).toBe(second);
  });

  test("Back brings the filter, the place and the selection", async () => {
    await ui.world.db.query(
      `insert into runs (id, job, config, status, graph_id, code_version, shard, created_at, admitted_at, started_at, ended_at)
       select ('00000000-0000-7000-8000-' || lpad((1000 - n)::text, 12, '0'))::uuid, 'archive', '{}', 'SUCCESS', r.graph_id, r.code_version, 0, at, at, at, at
       from (select graph_id, code_version from runs limit 1) r,
            lateral (select n, now() - n * interval '1 minute' as at from generate_series(1, 90) n) t`,
    );
    const page = await ui.open("/runs");
    await page.getByRole("table", { name: "Runs" }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("job:archive");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Change job is archive" }).waitFor();
    await page.locator("[aria-rowindex='2']").waitFor();
    await page.evaluate("document.querySelector('.runlist').scrollTop = 40 * 34");
    await page.waitForURL(/anchor=/);
    const place = page.locator("[aria-rowindex='45']");
    await place.getByRole("checkbox").check();
    const id = await place.locator(".c-run a").innerText();
    const before = Number(await page.evaluate(SCROLLED));
    expect(before).toBeGreaterThan(500);
    await page.waitForURL(/anchor=.*sel=/);
    await place.locator(".c-run a").click();
    await opened(page);
    await page.goBack();
    await page.getByRole("button", { name: "Change job is archive" }).waitFor();
    await page.getByText("1 selected").waitFor();
    await page.getByRole("row", { name: id, selected: true }).waitFor();
    // The same row is the first one.
    expect(Math.round(Number(await page.evaluate(SCROLLED)) / 34)).toBe(Math.round(before / 34));
  });

  test("a cut connection leaves what was known, marked as old, and heals by itself", async () => {
    const id = await ui.world.launch({ job: "ledger_close" });
    const page = await ui.open(`/runs/${id}`);
    await head(page).getByText("Started", { exact: true }).waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    await ui.link.cut();
    await page.getByText(/Showing what was known at \d\d:\d\d:\d\d/).waitFor();
    letGo();
    await ui.world.ended(id);
    await head(page).getByText("Started", { exact: true }).waitFor();
    await ui.link.open();
    await head(page).getByText("Success", { exact: true }).waitFor();
    await page.getByText(/Showing what was known/).waitFor({ state: "detached" });
  });

  test("all of it by keyboard alone", async () => {
    const page = await ui.open("/runs");
    await page.getByRole("table", { name: "Runs" }).waitFor();
    await page.keyboard.press("L");
    await page.getByRole("option", { name: "Launch ledger_close" }).waitFor();
    await page.keyboard.type("ledger");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/jobs/ledger_close/launch");
    await page.getByRole("group", { name: "Problems" }).getByText("No problems").waitFor();
    await untilFocused(page, editor(page));
    await rewrite(page);
    await page.getByRole("group", { name: "Problems" }).getByText("No problems").waitFor();
    await page.keyboard.press("Control+Enter");
    const first = await opened(page);
    await head(page).getByText("Started", { exact: true }).waitFor();
    letGo();
    await head(page).getByText("Failure", { exact: true }).waitFor();

    await untilFocused(page, page.getByRole("application", { name: /^Timeline/ }));
    await page.keyboard.press("n");
    await page.keyboard.press("Enter");
    await panel(page).getByText("no rate for TRY").first().waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("r");
    await page.getByRole("menuitem", { name: "With changed config" }).waitFor();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await untilFocused(page, dialog.getByRole("textbox", { name: "Config, as JSON" }));
    await page.keyboard.press("Control+a");
    await page.keyboard.type('{ "rates": "lenient" }');
    await untilFocused(page, dialog.getByRole("button", { name: "Re-execute run" }));
    await page.keyboard.press("Enter");
    const second = await opened(page, [first]);
    await head(page).getByText("Success", { exact: true }).waitFor();
    expect([await configOf(first), await configOf(second)]).toEqual([{ rates: "strict" }, { rates: "lenient" }]);

    for (const key of ["g", "r"]) await page.keyboard.press(key);
    await page.getByRole("row", { name: second.slice(0, 13) }).waitFor();
    for (const key of ["j", "x", "j", "x"]) await page.keyboard.press(key);
    await page.getByText("2 selected").waitFor();
    await untilFocused(page, page.getByRole("button", { name: "Compare" }));
    await page.keyboard.press("Enter");
    await page.getByRole("row", { name: /work\[try\] (Success Failure|Failure Success)/ }).waitFor();
    // Alt and the left arrow are the browser's own.
    await page.goBack();
    await page.getByText("2 selected").waitFor();
  });
});
