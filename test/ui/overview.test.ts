import type { Page } from "playwright-core";
import { v7 } from "uuid";
import { job, op } from "../core/graphs";
import { describeInBrowser } from "../support/browser";
import { expectNoFlaws, startUi, type Ui } from "./ui-world";

const MINUTE_MS = 60_000;

describeInBrowser("the overview", () => {
  let ui: Ui;
  let failed: string;
  let beating: NodeJS.Timeout;
  const idle = { ...job(op("a")), job: "idle" };
  beforeAll(async () => {
    ui = await startUi();
    let seq = 0;
    const beats = ui.world.bus.fanout<object>("beats");
    const worker = { worker: "w1", host: "h", pid: 1, queues: ["default"], slots: 4, busy: 1, processes: 4, ops: 3 };
    const state = { concurrency: 1, codeVersion: "v", startedAt: Date.now(), cpu: 0.5, rss: 1e8, holds: [] };
    beating = setInterval(() => void beats.publish({ ...worker, ...state, seq: ++seq, draining: false }), 500);
  });
  afterEach(() => ui.closed());
  afterAll(async () => {
    clearInterval(beating);
    await ui?.stop();
  });

  const tile = (page: Page, name: string) =>
    page
      .getByRole("link", { name: new RegExp(`^${name} \\d`) })
      .locator("b")
      .innerText();

  test("without jobs it says how to begin", async () => {
    const page = await ui.open("/");
    await page.getByText("No jobs yet").waitFor();
    await page.getByText("npx dqueue init").waitFor();
    await expectNoFlaws(page);
  });

  test("jobs that fail are named first, with what their runs end in, and what one can do", async () => {
    await ui.world.publish({ ...job(op("load")), job: "orders" }, { ...job(op("post")), job: "ledger" }, idle);
    ui.world.ops = {
      post: () => {
        throw new RangeError("503 from ledger-api");
      },
    };
    for (const name of ["orders", "orders", "ledger"]) {
      failed = await ui.world.launch({ job: name });
      await ui.world.ended(failed);
    }
    await ui.world.db.query(
      `update runs set created_at = now() - interval '30 min', started_at = now() - interval '30 min',
         admitted_at = now() - interval '30 min', ended_at = now() - interval '20 min' where job = 'ledger'`,
    );
    const page = await ui.open("/");
    const verdict = page.getByRole("region", { name: "Verdict" });
    await verdict.getByText("One job is failing. Everything else keeps up.").waitFor();
    await verdict.getByText(/The failed run since \d\d:\d\d ends in one error: 503 from ledger-api/).waitFor();
    expect(await tile(page, "Success")).toBe("2");
    expect(await tile(page, "Failure")).toBe("1");
    const jobs = page.getByRole("region", { name: "Runs by job" });
    expect(await jobs.getByRole("link").allInnerTexts()).toEqual(["ledger", "orders", "idle"]);
    await page.getByRole("region", { name: "Failing now" }).getByText("RangeError").waitFor();
    expect(
      await page.evaluate(
        "(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight)(document.querySelector('.page'))",
      ),
    ).toBe(0);
    await expectNoFlaws(page);
  });

  test("a bar opens its run, a figure the runs behind it", async () => {
    const page = await ui.open("/");
    await page.locator(".ov-rows .bar.f-failure").click();
    await page.waitForURL(`**/runs/${failed}`);
    await page.goBack();
    await page.getByRole("link", { name: /^Failure 1/ }).click();
    await page.getByRole("row", { name: new RegExp(failed.slice(0, 13)) }).waitFor();
  });

  test("a drag over the runs chooses a time for all panels; Esc and Back undo it", async () => {
    const page = await ui.open("/");
    const bar = (await page.locator(".ov-rows .bar.f-failure").boundingBox())!;
    await page.mouse.move(bar.x - 60, bar.y + 40);
    await page.mouse.down();
    await page.mouse.move(bar.x + bar.width + 30, bar.y + 40, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/time=/);
    expect(await tile(page, "Success")).toBe("0");
    expect(await tile(page, "Failure")).toBe("1");
    await expectNoFlaws(page);
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: /^Success 2/ }).waitFor();
    await page.goBack();
    await page.getByRole("link", { name: /^Success 0/ }).waitFor();
  });

  test("failed runs are repeated from here, and what changes is drawn without a reload", async () => {
    const page = await ui.open("/");
    ui.world.ops = {};
    await page.getByRole("button", { name: "Re-execute 1…" }).click();
    const dialog = page.getByRole("dialog", { name: "Re-execute 1\u00a0run?" });
    await expectNoFlaws(page);
    await dialog.getByRole("button", { name: "Re-execute 1\u00a0run" }).click();
    await page.getByText("All is well.").or(page.getByText("1\u00a0run re-executed")).first().waitFor();
    await page.getByRole("link", { name: /^Success 3/ }).waitFor();
  });

  test("a longer time and phones show the same", async () => {
    await ui.world.db.query(
      `insert into runs (id, job, shard, status, config, graph_id, code_version, created_at, admitted_at, started_at, ended_at)
       select $1, job, shard, 'CANCELED', config, graph_id, code_version, at, at, at, at + interval '1 min'
       from runs, (select now() - interval '5 hours' as at) past where runs.id = $2`,
      [v7({ msecs: Date.now() - 300 * MINUTE_MS }), failed],
    );
    const page = await ui.open("/", { width: 390, height: 844 });
    await page.getByRole("button", { name: "1 h" }).click();
    await page.getByRole("menuitem", { name: "6 h" }).click();
    await page.waitForURL(/range=6h/);
    await page.getByRole("link", { name: /^Canceled 1/ }).waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await expectNoFlaws(page);
  });
});
