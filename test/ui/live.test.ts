import type { Page } from "playwright-core";
import { items } from "../api/world";
import { describeInBrowser } from "../support/browser";
import { addLogs } from "../support/logs";
import { fanOut, startUi, type Ui } from "./ui-world";

/** Chromium without a screen shows all of its tabs. */
const setHidden = (page: Page, hidden: boolean): Promise<unknown> =>
  page.evaluate(`Object.defineProperty(document, "hidden", { configurable: true, value: ${hidden} });
    document.dispatchEvent(new Event("visibilitychange"))`);

/** Of the run's `work`. */
const KEYS = [..."abcdefghijkl"];
const LINES = 100_000;
const CHUNK = 1_000;

describeInBrowser("what comes while one looks", () => {
  let ui: Ui;
  /** Each lets a step of the run end, in this order. */
  let ends: (() => void)[];
  let run: string;
  beforeAll(async () => {
    ui = await startUi();
    await ui.world.publish(fanOut("ledger_close"));
  });
  beforeEach(async () => {
    ends = [];
    const gates = KEYS.map(() => new Promise<null>((resolve) => ends.push(() => resolve(null))));
    ui.world.ops = {
      gen: () => items(Object.fromEntries(KEYS.map((key, place) => [key, place]))),
      work: (_, input) => gates[input as number]!,
    };
    run = await ui.world.launch({ job: "ledger_close" });
  });
  afterEach(async () => {
    ends.forEach((end) => end());
    ui.link.letStreams();
    await ui.closed();
  });
  afterAll(() => ui?.stop());

  test("where no stream can be had, the page asks again each five seconds, and says so", async () => {
    ui.link.holdStreams();
    const page = await ui.open(`/runs/${run}`);
    await page.getByRole("status").filter({ hasText: "Polling" }).waitFor();
    await page.locator(".g-step", { hasText: "[b]" }).waitFor();
    ends.forEach((end) => end());
    await page.locator(".rhead").getByText("Success", { exact: true }).waitFor();
    await page.getByRole("button", { name: `${KEYS.length + 2} success` }).waitFor();
    ui.link.letStreams();
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
  });

  test.each([1, -1])("a browser whose clock is %i h off shows times by the server's clock", async (hours) => {
    const page = await ui.open("/jobs");
    await page.addInitScript(`{ const now = Date.now; Date.now = () => now() + ${hours * 3_600_000}; }`);
    await page.goto(new URL(`/runs/${run}`, page.url()).href);
    // It goes on: one that stood at 00:00 would be wrong, too.
    const clock = page.locator(".rhead").getByRole("timer");
    await clock.filter({ hasText: /^0\d:(?!00)\d\d$/ }).waitFor();
    await page.goto(new URL("/runs?q=created:1m", page.url()).href);
    await page
      .getByRole("row", { name: /ledger_close/ })
      .first()
      .waitFor();
  });

  test("a hidden tab leaves events alone until it is looked at again", async () => {
    const page = await ui.open(`/runs/${run}`);
    const succeeded = (of: Page, n: number) => of.getByRole("button", { name: `${n} success` });
    await page.locator(".g-step", { hasText: "[b]" }).waitFor();
    await succeeded(page, 1).waitFor();
    const other = await page.context().newPage();
    await other.goto(page.url());
    await succeeded(other, 1).waitFor();
    // Another tab may have the stream made anew, and all tabs ask again what they show: these come after the answers.
    const before = [0, 1, 2];
    for (const place of before) {
      ends[place]!();
      for (const tab of [other, page]) await succeeded(tab, place + 2).waitFor();
    }
    await setHidden(page, true);
    // Both tabs are told by the same stream.
    for (const place of KEYS.slice(1 + before.length).keys()) {
      ends[before.length + place]!();
      await succeeded(other, before.length + place + 2).waitFor();
    }
    // Timers that begin now end after those that would deal with what has come: once a second, drawn 60 ms later.
    await page.evaluate("new Promise((end) => setTimeout(() => setTimeout(end, 100), 1_000))");
    expect(await succeeded(page, 1 + before.length).count()).toBe(1);
    await setHidden(page, false);
    await succeeded(page, KEYS.length).waitFor();
  });

  test("a hundred thousand lines scroll and are searched; following ends on the way up, and a pill counts what comes", async () => {
    const { db } = ui.world;
    const lines = (from: number, n: number) =>
      Array.from({ length: n }, (_, i) => {
        const at = from + i;
        return {
          stream: "stdout" as const,
          level: "info" as const,
          text: `entry ${at}${at % 1_000 === 7 ? " needle" : ""}`,
        };
      });
    await db.query("delete from logs where run_id = $1", [run]);
    for (let from = 0; from < LINES; from += CHUNK) await addLogs(db, run, "gen", lines(from, CHUNK));
    const page = await ui.open(`/runs/${run}?tab=logs`);
    const box = page.getByRole("grid", { name: "Log lines" });
    await box.getByText("entry 99999", { exact: true }).waitFor();
    expect(await page.locator(".lines .lg").count()).toBeLessThan(150);
    await addLogs(db, run, "gen", lines(LINES, 1));
    await box.getByText("entry 100000", { exact: true }).waitFor();
    await box.hover();
    await page.mouse.wheel(0, -2_000);
    await box.getByText("entry 100000", { exact: true }).waitFor({ state: "detached" });
    await addLogs(db, run, "gen", lines(LINES + 1, 30));
    await page.getByRole("button", { name: /^30 new lines/ }).waitFor();
    await page.keyboard.press("Home");
    await box.getByText("entry 0", { exact: true }).waitFor();
    await page.getByRole("button", { name: /^30 new lines/ }).click();
    await box.getByText("entry 100030", { exact: true }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("needle");
    await page.getByText("– of 101").waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("1 of 101").waitFor();
    await box.locator("mark", { hasText: "needle" }).first().waitFor();
    await box.getByText("entry 7 needle").waitFor();
  });
});
