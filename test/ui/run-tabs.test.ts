import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import type { LogLine } from "../../core/messages";
import { items } from "../api/world";
import { describeInBrowser } from "../support/browser";
import { addLogs } from "../support/logs";
import { generator, job, op } from "../core/graphs";
import { comesTo, expectNoFlaws, fanOut, startUi, type Ui } from "./ui-world";

const out = (text: string): Omit<LogLine, "at"> => ({ stream: "stdout", level: "info", text });
const log = (level: LogLine["level"], text: string): Omit<LogLine, "at"> => ({ stream: "log", level, text });

describeInBrowser("the tabs of a run", () => {
  let ui: Ui;
  let run: string;
  beforeAll(async () => {
    ui = await startUi();
    await ui.world.publish(fanOut("ledger_close"));
    ui.world.ops = {
      gen: () => items({ k0: 0, k1: 1 }),
      work: (_, input) => (input as number) * 2,
      sum: (_, input) => input,
    };
    run = await ui.world.launch({ job: "ledger_close", tags: { desk: "fx" } });
    await ui.world.ended(run);
    const { db } = ui.world;
    // All but the first step were elsewhere.
    await db.query("update steps set worker = 'w-2' where run_id = $1 and node <> 'gen'", [run]);
    await db.query("delete from logs where run_id = $1", [run]);
    const many = Array.from({ length: 5_000 }, (_, i) => out(`parsed entry ${i}`));
    await addLogs(db, run, "gen", many);
    await addLogs(db, run, "work[k0]", [
      log("warn", "rate limit at 82 %"),
      log("error", "503 from ledger"),
      out("\u001b[32mgreen\u001b[0m ledger"),
      out('{"entries":401,"currency":["EUR","SEK"]}'),
    ]);
  });
  afterEach(() => ui.closed());
  afterAll(() => ui?.stop());

  const openTab = async (tab: string, rest = ""): Promise<Page> => ui.open(`/runs/${run}?tab=${tab}${rest}`);
  const line = (page: Page, text: string) => page.getByRole("grid", { name: "Log lines" }).getByText(text);

  test("logs: thousands of lines scroll, and the last is one key away", async () => {
    const page = await openTab("logs");
    await line(page, "parsed entry 0").first().waitFor();
    expect(await page.locator(".lines .lg").count()).toBeLessThan(100);
    await page.keyboard.press("End");
    await line(page, "503 from ledger").waitFor();
    await page.getByRole("link", { name: /^Line 5.004$/ }).waitFor();
    await page.keyboard.press("Home");
    await page.getByRole("link", { name: "Line 1", exact: true }).waitFor();
    await expectNoFlaws(page);
  });

  test("lines and events are one stop of the keyboard each: j and arrows move, Enter acts, arrows to the side open", async () => {
    const page = await openTab("logs");
    await line(page, "parsed entry 0").first().waitFor();
    const isAt = (words: string) =>
      comesTo(async () =>
        expect(await page.evaluate("document.activeElement.ariaActiveDescendantElement?.textContent")).toContain(words),
      );
    // The first stop of a page leads past the sidebar.
    await page.keyboard.press("Tab");
    expect(await page.locator(":focus").innerText()).toBe("Skip to content");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.tagName")).toBe("MAIN");
    for (const key of ["j", "j", "ArrowDown", "k"]) await page.keyboard.press(key);
    await isAt("parsed entry 1");
    await page.keyboard.press("Enter");
    await page.waitForURL(/#L2$/);
    await page.keyboard.press("End");
    await isAt('{"entries":401');
    await page.keyboard.press("ArrowRight");
    await page.getByText('"SEK"', { exact: true }).waitFor();
    await expectNoFlaws(page);
    await page.keyboard.press("ArrowLeft");
    await page.getByText('"SEK"', { exact: true }).waitFor({ state: "detached" });
    expect(
      await page.getByRole("grid").locator("[tabindex='0'], a:not([tabindex]), button:not([tabindex])").count(),
    ).toBe(0);
    await page.keyboard.press("2");
    await page.getByText("RUN_ENQUEUED").waitFor();
    await page.keyboard.press("End");
    await page.getByText("RUN_SUCCESS").waitFor();
    for (const key of ["j", "End"]) await page.keyboard.press(key);
    await isAt("RUN_SUCCESS");
    expect(await page.getByRole("grid").locator("a:not([tabindex]), button:not([tabindex])").count()).toBe(0);
    await page.keyboard.press("Enter");
    await page.waitForURL(/t=\d+\.\d/);
  });

  test("the playhead and the part in view are moved by keys, and say where they are", async () => {
    const page = await ui.open(`/runs/${run}`);
    const head = page.getByRole("slider", { name: "Moment that is shown" });
    expect(await head.getAttribute("aria-valuetext")).toBe("the end");
    for (const key of ["Home", "PageUp", "ArrowLeft"]) await head.press(key);
    await page.waitForURL((url) => Number(url.searchParams.get("t")) > 0);
    await comesTo(async () => expect(await head.getAttribute("aria-valuetext")).toMatch(/^00:0\d\.\d$/));
    await head.press("End");
    await page.waitForURL((url) => !url.searchParams.has("t"));
    const brush = page.getByRole("slider", { name: "Part of the run that is in view" });
    for (const key of ["ArrowUp", "Home"]) await brush.press(key);
    await comesTo(async () => expect(await brush.evaluate((one) => one.ariaValueText)).toMatch(/^00:00\.0 to /));
    await page.waitForURL(/z=0,/);
    await brush.press("0");
    await comesTo(async () => expect(await brush.evaluate((one) => one.ariaValueText)).toBe("the whole run"));
  });

  test("logs: a huge line is cut, can be had whole, and nothing in it turns the text around", async () => {
    const own = await ui.world.launch({ job: "ledger_close" });
    await ui.world.ended(own);
    const huge = `begins ${"x".repeat(1_000_000)}`;
    await addLogs(ui.world.db, own, "gen", [out(huge), out("paid to \u202eEMCA")]);
    const page = await ui.open(`/runs/${own}?tab=logs`);
    await line(page, "paid to ⟨U+202E⟩EMCA").waitFor();
    expect((await line(page, "begins xxx").innerText()).length).toBeLessThan(10_000);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: /996\sKB more: whole line/ }).click(),
    ]);
    expect(readFileSync(await download.path(), "utf8")).toBe(huge);
    await expectNoFlaws(page);
  });

  test("logs: the search tells which of how many it shows, and goes from one to the next", async () => {
    const page = await openTab("logs");
    await line(page, "parsed entry 0").first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("ledger");
    await page.getByText("– of 2").waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("1 of 2").waitFor();
    await page.locator("mark", { hasText: "ledger" }).first().waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("2 of 2").waitFor();
    await page.getByRole("button", { name: "Regular expression" }).click();
    await page.getByRole("searchbox", { name: "Find in logs" }).fill("entry 49\\d\\d$");
    await page.getByText("of 100").waitFor();
    expect(page.url()).toContain("how=regex");
  });

  test("logs: kinds hide and show lines, which keep their numbers", async () => {
    const page = await openTab("logs");
    await page.getByRole("button", { name: /^out 5.0/ }).click();
    await page.getByRole("link", { name: /^Line 5.002$/ }).waitFor();
    await page.locator(".lines .lg").nth(2).waitFor({ state: "detached" });
    expect(await page.locator(".lines .lg").count()).toBe(2);
    await page.goBack();
    await line(page, "parsed entry 0").first().waitFor();
  });

  test("logs: those of one worker's steps alone, until it is taken away", async () => {
    const page = await openTab("logs");
    await page.getByRole("button", { name: "Worker", exact: true }).click();
    await page.getByRole("menuitem", { name: "w-2" }).click();
    await line(page, "503 from ledger").waitFor();
    expect(await line(page, "parsed entry").count()).toBe(0);
    await page.getByRole("button", { name: "Remove worker w-2" }).click();
    await line(page, "parsed entry 0").first().waitFor();
  });

  test("logs: a line's link opens at that line, also in the logs of one step", async () => {
    const page = await openTab("logs", `&step=${encodeURIComponent("work[k0]")}#L5002`);
    await page.locator(".lg.cur", { hasText: "503 from ledger" }).waitFor();
    await page.getByRole("button", { name: "Remove step work[k0]" }).click();
    await line(page, "parsed entry 0").first().waitFor();
    await page.goto(page.url().replace(/#.*/, "").replace(run, `${run}`) + "#L2500");
    await page.reload();
    await page.locator(".lg.cur", { hasText: "parsed entry 2499" }).waitFor();
  });

  test("logs: colours of programs are kept, a line of JSON opens to a tree", async () => {
    const page = await openTab("logs", "&step=work");
    await page.locator(".ansi-green", { hasText: "green" }).waitFor();
    await page.getByRole("button", { name: "Line 5004 as a tree" }).click();
    await page.getByText('"SEK"', { exact: true }).waitFor();
    await expectNoFlaws(page);
  });

  test("logs: what is shown comes as a file", async () => {
    const page = await openTab("logs", "&step=work");
    await page.getByRole("button", { name: "Download" }).click();
    const file = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: "What is shown as text" }).click();
    expect((await file).suggestedFilename()).toBe(`${run}.log`);
  });

  test("events: each with its number and its moment; a kind alone, a text alone", async () => {
    const page = await openTab("events");
    await page.getByText("RUN_ENQUEUED").waitFor();
    await page.keyboard.press("End");
    await page.getByText("RUN_SUCCESS").waitFor();
    await page
      .getByRole("button", { name: /^All that event \d+ says$/ })
      .last()
      .click();
    await expectNoFlaws(page);
    await page.getByRole("radio", { name: "Run", exact: true }).click();
    await page.getByText("STEP_SUCCESS").waitFor({ state: "detached" });
    await page.getByRole("radio", { name: "All" }).click();
    await page.keyboard.press("/");
    await page.keyboard.type("work[k1]");
    await page.getByText("STEP_OUTPUT").first().waitFor();
    await comesTo(async () => expect(await page.locator(".ev .sp").allInnerTexts()).not.toContain("gen"));
    await page
      .getByRole("button", { name: /in the timeline$/ })
      .last()
      .click();
    await page.waitForURL(/step=work%5Bk1%5D/);
    // Of that moment, by the millisecond: the event itself is the last one that had happened.
    const latest = page.getByRole("region", { name: "Latest events" }).getByRole("button");
    await latest.filter({ hasText: "[k1]" }).first().waitFor();
    expect(new URL(page.url()).searchParams.get("t")).toMatch(/^\d+(\.\d{1,3})?$/);
  });

  test("config: as a tree and as JSON, with what the run was launched as", async () => {
    const page = await openTab("config");
    await page.getByRole("region", { name: "The config" }).getByText("The run was given no config").waitFor();
    await page.getByRole("radio", { name: "JSON" }).click();
    await page.getByText(run, { exact: true }).waitFor();
    expect(page.url()).toContain("view=json");
    await expectNoFlaws(page);
  });

  test("inputs and outputs: what the run came to, and each step's", async () => {
    const page = await openTab("io");
    await page.getByRole("region", { name: "What the run came to", exact: true }).waitFor();
    await page.getByRole("button", { name: "work[k1]" }).click();
    await page.getByRole("region", { name: "Output result", exact: true }).getByText("2").first().waitFor();
    await expectNoFlaws(page);
    await page.goBack();
    await page.getByRole("region", { name: "What the run came to", exact: true }).waitFor();
  });

  test("graph: ops as they are now, in layers; arrows follow edges, a click tells more", async () => {
    const page = await openTab("graph");
    await page.getByText("3 ops, 3 layers").waitFor();
    const op = (name: RegExp) => page.getByRole("button", { name });
    await op(/^gen ?, success/).focus();
    await page.keyboard.press("ArrowDown");
    await comesTo(async () => expect(await page.locator(":focus").getAttribute("data-op")).toBe("work"));
    await page.keyboard.press("Enter");
    await page.getByRole("complementary", { name: "Op work" }).getByText("2 success").waitFor();
    expect(page.url()).toContain("op=work");
    await expectNoFlaws(page);
    await page.getByRole("radio", { name: "Left to right" }).click();
    await page.waitForURL(/dir=lr/);
    await op(/^work ?, success, ?×2/).dblclick();
    await page.waitForURL(/open=work/);
  });

  test("compare: two runs in a sentence, what differs, and steps by key", async () => {
    ui.world.ops.work = (_, input) => {
      if (input === 1) throw new Error("no rate for TRY");
      return null;
    };
    const other = await ui.world.launch({ job: "ledger_close", tags: { team: "finance", desk: "fx" } });
    await ui.world.ended(other);
    const page = await ui.open(`/runs/${run}/compare/${other}`);
    await page.getByText(/^B fails at work/).waitFor();
    await page.getByRole("row", { name: "Tags none team=finance" }).waitFor();
    await page
      .getByRole("row", { name: /^Tags of both/ })
      .locator("summary")
      .click();
    await page.getByText("desk=fx").waitFor();
    await page.getByRole("row", { name: /work\[k1\] Success Failure/ }).waitFor();
    await page.getByRole("radio", { name: "All" }).click();
    await page.getByRole("row", { name: /^work\[k0\] Success Success/ }).waitFor();
    await expectNoFlaws(page);
    await page.getByRole("button", { name: "Swap" }).click();
    await page.getByText("B succeeds where A fails.").waitFor();
  });

  test("compare: of runs of two jobs it says so, and pairs the ops that both have", async () => {
    await ui.world.publish({ ...fanOut("ledger_close") }, { ...job(generator("gen"), op("mail")), job: "digest" });
    ui.world.ops.work = (_, input) => input;
    const other = await ui.world.launch({ job: "digest" });
    await ui.world.ended(other);
    const page = await ui.open(`/runs/${run}/compare/${other}?only=all`);
    await page.getByText("A is a run of ledger_close, B of digest.").waitFor();
    await page.getByText("1 op of the same name is compared; 2 only in A and 1 only in B are left out.").waitFor();
    await page.getByRole("row", { name: /^gen / }).waitFor();
    expect(await page.getByRole("row", { name: /^(work|mail)/ }).count()).toBe(0);
    await expectNoFlaws(page);
  });

  test("r opens its menu each time, and Escape gives the focus back to what opened menu, dialog or field", async () => {
    const page = await ui.open(`/runs/${run}`);
    const focused = page.locator(":focus");
    const hasFocus = (name: string) => comesTo(async () => expect(await focused.innerText()).toBe(name));
    await page.getByRole("button", { name: "Re-execute", exact: true }).waitFor();
    for (let time = 0; time < 2; time++) {
      await page.keyboard.press("r");
      await page.getByRole("menuitem", { name: "All steps" }).waitFor();
      await page.keyboard.press("Escape");
      await hasFocus("Re-execute");
    }
    await page.keyboard.press("r");
    await page.getByRole("menuitem", { name: "With changed config…" }).press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await hasFocus("Re-execute");
    await page.getByRole("button", { name: "Go to step" }).press("Enter");
    await page.getByRole("textbox", { name: "Key of the step" }).press("Escape");
    await hasFocus("Go to step");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await hasFocus("Go to step");
  });
});
