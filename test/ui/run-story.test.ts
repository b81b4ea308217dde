import type { Page } from "playwright-core";
import { items } from "../api/world";
import { addEvents } from "../support/add-events";
import { describeInBrowser } from "../support/browser";
import { comesTo, expectNoFlaws, fanOut, startUi, type Ui } from "./ui-world";

const START = Date.now() - 60_000;

describeInBrowser("what happened to a run on its way", () => {
  let ui: Ui;
  let run: string;
  /** Six seconds long: gen, then work[n], then sum; work[5] failed once, on w9, and the run came to another owner. */
  beforeAll(async () => {
    ui = await startUi();
    await ui.world.publish(fanOut("ledger_close"));
    ui.world.ops = { gen: () => items(Object.fromEntries(Array.from({ length: 20 }, (_, n) => [String(n), n]))) };
    run = await ui.world.launch({ job: "ledger_close" });
    await ui.world.ended(run);
    const { db } = ui.world;
    const start = new Date(START).toISOString();
    await db.query(
      `update runs set created_at = $2, started_at = $2, ended_at = $2::timestamptz + interval '6 s' where id = $1`,
      [run, start],
    );
    await db.query(
      `update steps set ready_at = $2, queued_at = $2::timestamptz + interval '1400 ms', worker = 'w1', attempt = 1,
              started_at = $2::timestamptz + interval '1500 ms', ended_at = $2::timestamptz + interval '2 s'
       where run_id = $1`,
      [run, start],
    );
    await db.query(
      `update steps set ready_at = $2::timestamptz + interval '5 s', queued_at = $2::timestamptz + interval '5 s',
              started_at = $2::timestamptz + interval '5 s', ended_at = $2::timestamptz + interval '5900 ms'
       where run_id = $1 and step = 'sum'`,
      [run, start],
    );
    await db.query(
      `update steps set ended_at = $2::timestamptz + interval '5 s'
       where run_id = $1 and node = 'work' and (path->>0)::int >= 6`,
      [run, start],
    );
    const retried = { started_at: START + 1_100, worker: "w9", attempt: 2, error: { name: "E", message: "m" } };
    await addEvents(db, run, [
      { seq: 9_000, at: START + 1_050, type: "STEP_QUEUED", step: "work[5]", data: {} },
      { seq: 9_001, at: START + 1_200, type: "STEP_UP_FOR_RETRY", step: "work[5]", data: retried },
      { seq: 9_002, at: START + 1_400, type: "STEP_QUEUED", step: "work[5]", data: {} },
      { seq: 9_003, at: START + 3_010, type: "RUN_OWNER_CHANGED", data: { owner: "daemon-2" } },
    ]);
    await db.query(`update steps set attempt = 2 where run_id = $1 and step = 'work[5]'`, [run]);
    await db.query(
      `insert into takeovers (shard, epoch, at, owner, former, how, stalled_ms, runs, sent_again, had_begun)
       select shard, 7000000000000000, $2::timestamptz + interval '3 s', 'daemon-2', 'daemon-1', 'ended', 1250, 4, 3, 2
       from runs where id = $1`,
      [run, start],
    );
  });
  afterEach(() => ui.closed());
  afterAll(() => ui?.stop());

  const said = (page: Page) => page.locator("p.sr[aria-live]");

  test("arrows to the side go through the attempts of a step, and move the view where there is none", async () => {
    const page = await ui.open(`/runs/${run}?f=work[5]`);
    await page.locator(".g-step", { hasText: "[5]" }).waitFor();
    const chart = page.getByRole("application", { name: /^Timeline/ });
    await chart.focus();
    await comesTo(async () => {
      await chart.press("ArrowDown");
      expect(await said(page).textContent()).toMatch(/^work\[5\], Success/);
    });
    await chart.press("ArrowLeft");
    await said(page).getByText("Attempt 1 of 2: Failure, 100 ms, w9.").waitFor({ state: "attached" });
    await chart.press("ArrowRight");
    await said(page).getByText("Attempt 2 of 2: Success, 500 ms, w1.").waitFor({ state: "attached" });
    await chart.press("+");
    await page.waitForURL(/z=/);
    const before = page.url();
    await chart.press("ArrowRight");
    await comesTo(async () => expect(page.url()).not.toBe(before));
  });

  test("while zoomed, ops that had ended before what is in view are one row; it opens, by its key too", async () => {
    const page = await ui.open(`/runs/${run}?z=5.2,6`);
    const outside = page.locator(".g-outside");
    await outside.getByText(/2.ops ended before this view/).waitFor();
    await page.getByText("sum", { exact: true }).first().waitFor();
    expect(await page.locator(".g-group").count()).toBe(0);
    await outside.getByRole("button").click();
    await page.locator(".g-group").waitFor();
    expect(new URL(page.url()).searchParams.get("outside")).toBe("1");
    await expectNoFlaws(page);
    const chart = page.getByRole("application", { name: /^Timeline/ });
    await chart.focus();
    await chart.press("ArrowDown");
    expect(await said(page).textContent()).toMatch(/before this view: Enter shows or folds them/);
    await chart.press("Enter");
    await page.locator(".g-group").waitFor({ state: "detached" });
    await chart.press("0");
    await page.locator(".g-group").waitFor();
    await outside.waitFor({ state: "detached" });
  });

  test("going to a step moves the view there, where it is folded away", async () => {
    const page = await ui.open(`/runs/${run}?z=5.2,6`);
    await page.locator(".g-outside").waitFor();
    await page.keyboard.press("G");
    await page.getByRole("textbox", { name: "Key of the step" }).fill("5");
    await page.keyboard.press("Enter");
    await page.locator(".g-step.at", { hasText: "[5]" }).waitFor();
    await page.waitForURL((url) => Number(url.searchParams.get("z")!.split(",")[0]) < 1.5);
  });

  test("a take-over opens to its shard, its epoch, why it came, how long all stood still, what was sent again and ran twice", async () => {
    const page = await ui.open(`/runs/${run}`);
    await page.getByRole("button", { name: "Taken over by daemon-2 at 00:03.0" }).click();
    const dialog = page.getByRole("dialog", { name: "Take-overs of this run" });
    const row = dialog.locator("tr[aria-current=true]");
    await row.waitFor();
    const cells = (await row.locator("td").allTextContents()).map((text) => text.replaceAll(/\s/g, " "));
    expect(cells.slice(1)).toEqual(["7000000000000000", "daemon-1", "daemon-2", "taken over", "1.25 s", "3", "2"]);
    await expectNoFlaws(page);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(await page.evaluate("document.activeElement.className")).toBe("gtake");
  });

  test("rows that fold away above what is in sight move nothing of it", async () => {
    const page = await ui.open(`/runs/${run}?mode=flat`, { width: 1280, height: 620 });
    const row = page.locator(".g-step", { hasText: "[13]" });
    await row.waitFor({ state: "attached" });
    await page.locator(".gbody").evaluate((body) => body.scrollTo(0, 220));
    await row.waitFor();
    const before = (await row.boundingBox())!.y;
    await page.evaluate("history.replaceState(null, '', location.href + '&z=4,6')");
    await page.locator(".g-outside").waitFor({ state: "attached" });
    expect((await row.boundingBox())!.y).toBe(before);
  });
});
