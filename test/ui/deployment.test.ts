import { measureStorage } from "../../store/storage/measure";
import { oldRuns, startOfToday } from "../store/old-runs";
import { describeInBrowser } from "../support/browser";
import { expectNoFlaws, startUi, type Ui } from "./ui-world";

const SECRET = "postgres://ledger:hunter2@db.internal:5432/ledger";

/** Where nobody listens. */
const NOBODY = "amqp://127.0.0.1:9";

describeInBrowser("the deployment page", () => {
  let ui: Ui;
  beforeAll(
    async () =>
      void (ui = await startUi({ environment: { DATABASE_URL: SECRET, NAMESPACE: "ledger", AMQP_URL: NOBODY } })),
  );
  afterEach(() => ui.closed());
  afterAll(() => ui?.stop());

  test("shows processes, the owner of each shard, migrations and what the tables hold", async () => {
    const page = await ui.open("/deployment");
    const row = page.getByRole("row", { name: ui.world.broker.nodeID });
    await row.getByText(/^\d+\s%$/).waitFor();
    const shards = page.getByRole("region", { name: "Shards" });
    await shards.getByText("8 shards, 1 owner").waitFor();
    expect(await shards.getByRole("listitem").count()).toBe(8);
    await page.getByRole("region", { name: "Migrations" }).getByText("up to date").waitFor();
    const takeovers = page.getByRole("region", { name: "Take-overs", exact: true });
    await takeovers
      .getByRole("row", { name: /0, 1, 2, 3, 4, 5, 6, 7 — .*first taken.*the database is new$/ })
      .waitFor();
    await shards.getByRole("button", { name: "Shard 5" }).click();
    expect(new URL(page.url()).search).toBe("?shard=5");
    const handOver = shards.getByRole("button", { name: "Hand over now" });
    expect(await handOver.getAttribute("title")).toBe("There is no other daemon to take it: start one.");
    expect(await page.getByRole("link", { name: "API reference" }).getAttribute("href")).toBe("/api/docs");
    await expectNoFlaws(page);
    await row.getByText(/ req\/s, \d live$/).waitFor();
    await page.getByRole("link", { name: "Storage & settings" }).click();
    await page.getByRole("row", { name: /^runs / }).waitFor();
    await page.getByRole("link", { name: "Access & audit" }).click();
    await page.getByText("Nothing has been asked for yet.").waitFor();
  });

  test("asks the doctor, who says line by line how it is and what to do; the keyboard alone gets there and back", async () => {
    const page = await ui.open("/deployment");
    const button = page.getByRole("button", { name: "Run doctor" });
    await button.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Doctor" });
    const checks = dialog.getByRole("list", { name: "Checks" });
    await checks.getByText(/^Node \d/).waitFor();
    await checks.getByRole("listitem").filter({ hasText: "Well" }).filter({ hasText: "migrations" }).waitFor();
    const broker = checks.getByRole("listitem").filter({ hasText: "Problem" });
    expect(await broker.innerText()).toMatch(/broker\s.*amqp:\/\/127\.0\.0\.1:9\s*.*\S/s);
    expect(await dialog.innerText()).toMatch(/1\sproblem in \d\schecks of /);
    await expectNoFlaws(page);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Run doctor");
  });

  test("shows each setting with its origin; passwords never leave the server", async () => {
    const page = await ui.open("/deployment?tab=storage");
    const answer = page.waitForResponse("**/api/deployment");
    const settings = page.getByRole("region", { name: "Settings", exact: true });
    const rows = settings.getByRole("row");
    await settings.getByRole("row", { name: "NAMESPACE ledger environment all" }).waitFor();
    await settings.getByRole("row", { name: "DATABASE_URL postgres://ledger:***@db.internal" }).waitFor();
    expect(await rows.count()).toBe(4);
    expect(await (await answer).text()).not.toContain("hunter2");
    await settings.getByRole("radio", { name: "All" }).click();
    await settings.getByRole("row", { name: "MAX_CONCURRENT_RUNS 200 default all" }).waitFor();
    await expectNoFlaws(page);
  });
});

// Without an owner of its runs, which the test is instead.
describeInBrowser("the deployment page, of long ago", () => {
  let ui: Ui;
  beforeAll(async () => void (ui = await startUi({ coordinator: false })));
  afterEach(() => ui.closed());
  afterAll(() => ui?.stop());

  test("shows what runs take by job and by day, with what is kept how long", async () => {
    const { db } = ui.world;
    const { makeDay, oldRun } = oldRuns(db, await startOfToday(db));
    for (const created of [12, 11]) {
      await makeDay(created);
      await oldRun({ created, job: "ledger", steps: 20 });
    }
    for await (const _step of measureStorage(db));
    const page = await ui.open("/deployment?tab=storage");
    const card = page.getByRole("region", { name: "Runs by job", exact: true });
    await page
      .getByLabel("Storage in figures")
      .getByText(/^kept 30\sdays$/)
      .waitFor();
    const row = card.getByRole("row", { name: /^ledger .*30\sdays$/ });
    expect(await row.getByRole("link").getAttribute("href")).toBe("/jobs/ledger");
    const days = page.getByRole("list", { name: "Bytes by day of launch" }).getByRole("listitem");
    expect(await days.count()).toBe(2);
    expect(await days.first().textContent()).toMatch(/^\d{4}-\d\d-\d\d: .*, goes after /);
    await expectNoFlaws(page);
  });
});
