import type { Page } from "playwright-core";
import { publishSensors } from "../../store/instigators";
import { sensorDefinition } from "../sensors/rig";
import { describeInBrowser } from "../support/browser";
import { comesTo, expectNoFlaws, fanOut, startUi, type Ui } from "./ui-world";

const TICKS = [
  { sensor: "broken", status: "SUCCESS", minutes: 9, cursor: "c1" },
  { sensor: "broken", status: "FAILURE", minutes: 3, cursor: "c1" },
  { sensor: "broken", status: "FAILURE", minutes: 2, cursor: "c1" },
  { sensor: "landing", status: "SKIPPED", minutes: 1, cursor: "c7" },
] as const;

const withTicks = async ({ world: { db } }: Ui): Promise<void> => {
  for (const { sensor, status, minutes, cursor } of TICKS)
    await db.query(
      `insert into ticks (id, instigator, status, started_at, ended_at, skip_reason, error, cursor, run_ids)
       values (gen_random_uuid(), $1, $2::text, now() - $3 * interval '1 minute', now() - $3 * interval '1 minute',
         case $2::text when 'SKIPPED' then 'No file landed since a.csv' end, $4, $5, $6)`,
      [
        ...[sensor, status, minutes],
        status === "FAILURE" ? JSON.stringify({ name: "ReferenceError", message: "lastRun is not defined" }) : null,
        ...[cursor, status === "SUCCESS" ? '["0198f3bf-5456-7000-8000-000000000001"]' : "[]"],
      ],
    );
};

describeInBrowser("the sensors page", () => {
  let ui: Ui;
  beforeAll(async () => {
    ui = await startUi({
      sensors: {
        landing: ({ cursor }) => ({ runRequests: [{ jobName: "demo", runKey: `after-${cursor}` }] }),
        broken: () => Promise.reject(new ReferenceError("lastRun is not defined")),
      },
    });
    await ui.world.publish(fanOut("demo"));
    const off = { defaultStatus: "STOPPED", minimumIntervalSeconds: 3_600 } as const;
    await publishSensors(ui.world.db, {
      codeVersion: "v",
      sensors: [sensorDefinition("landing", off), sensorDefinition("archive", off), sensorDefinition("broken", off)],
    });
    await withTicks(ui);
    await ui.world.db.query("update instigators set cursor = 'c7', next_tick_at = now() + interval '1 hour'");
    await ui.world.db.query("update instigators set status = 'RUNNING' where name = 'broken'");
  });
  afterEach(() => ui.closed());
  afterAll(() => ui?.stop());

  const names = (page: Page) => page.getByRole("table", { name: "Sensors" }).getByRole("row");

  test("a failing sensor comes first, with its error, and since when it fails", async () => {
    const page = await ui.open("/sensors");
    await names(page).nth(1).getByText("broken").waitFor();
    await page.getByRole("button", { name: "broken" }).click();
    const panel = page.getByRole("complementary", { name: "Sensor broken" });
    await panel.getByText("Failing for 3 m").waitFor();
    await panel.getByText("ReferenceError: lastRun is not defined").first().waitFor();
    await panel.getByText("2 ticks failed").waitFor();
    expect(new URL(page.url()).searchParams.get("sel")).toBe("broken");
    await expectNoFlaws(page);
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });
  });

  test("ticks are filtered by status, and say why they skipped in text that can be selected", async () => {
    const page = await ui.open("/sensors?sel=landing");
    const panel = page.getByRole("complementary", { name: "Sensor landing" });
    await panel.getByRole("radio", { name: "Skipped" }).click();
    await panel.getByText("No file landed since a.csv").waitFor();
    await panel.getByRole("button", { name: /^Tick at/, expanded: false }).click();
    await panel.getByText("Cursor after it: c7").waitFor();
    await panel.getByRole("radio", { name: "Failure" }).click();
    await panel.getByText("No tick ended FAILURE").waitFor();
    expect(page.url()).toContain("status=FAILURE");
  });

  test("a dry run says what a tick would do, and does nothing", async () => {
    const page = await ui.open("/sensors?sel=landing");
    await page.getByRole("button", { name: "Dry run" }).click();
    await page.getByText("Would launch 1 run.").waitFor();
    await page.getByText("after-c7").waitFor();
    await page.getByText(/^Log, 1.line$/).click();
    await page.getByLabel("Log of the dry run").getByText("landing looks").waitFor();
    await expectNoFlaws(page);
    const { body } = await ui.world.call("GET", "/api/runs");
    expect(body.items).toEqual([]);
  });

  test("a cursor is changed after a look at the difference", async () => {
    const page = await ui.open("/sensors?sel=archive");
    await page.getByRole("button", { name: "Edit…" }).click();
    const dialog = page.getByRole("dialog", { name: "Cursor of archive" });
    await dialog.getByText("Nothing is changed").waitFor();
    await dialog.getByRole("textbox").fill("c8");
    await dialog.getByText("+ c8").waitFor();
    await expectNoFlaws(page);
    await dialog.getByRole("button", { name: "Set the cursor" }).click();
    await page.getByText("goes on from its new cursor").waitFor();
    expect((await ui.world.call("GET", "/api/sensors/archive")).body.cursor).toBe("c8");
  });

  test("a switch acts at once, in every window, and can be taken back", async () => {
    const page = await ui.open("/sensors");
    const other = await ui.open("/sensors");
    const of = (who: Page, on: boolean) => who.getByRole("switch", { name: "archive on", checked: on });
    await of(other, false).waitFor();
    await of(page, false).click();
    await page.getByText("Sensor archive is on").waitFor();
    await of(other, true).waitFor();
    expect((await ui.world.call("GET", "/api/sensors/archive")).body.status).toBe("RUNNING");
    await page.getByRole("button", { name: "Undo" }).click();
    await of(page, false).waitFor();
    await of(other, false).waitFor();
    await other
      .getByRole("row", { name: /archive/ })
      .getByText(/^Off since/)
      .waitFor();
  });

  test("u takes back what was done last; the time to do so stands still for whoever points at it", async () => {
    const page = await ui.open("/sensors");
    const archive = page.getByRole("switch", { name: "archive on" });
    await archive.click();
    await page.getByText("Sensor archive is on").waitFor();
    await archive.click();
    await page.getByText("Sensor archive is off").waitFor();
    // Of the one before nothing can be taken back any more.
    await page.getByText("Sensor archive is on").waitFor({ state: "detached" });
    await page.getByText("Sensor archive is off").hover();
    await page.clock.install();
    await page.clock.fastForward(20_000);
    await page.getByRole("button", { name: "Undo" }).waitFor();
    await expectNoFlaws(page);
    await page.keyboard.press("u");
    await page.getByRole("switch", { name: "archive on", checked: true }).waitFor();
    expect(await page.getByRole("button", { name: "Undo" }).count()).toBe(0);
    await archive.click();
    await page.getByRole("switch", { name: "archive on", checked: false }).waitFor();
  });

  test("all that are on are turned off after a question, and on again by u: the focus stays where no key is a letter", async () => {
    const page = await ui.open("/sensors");
    const all = page.getByRole("button", { name: "Turn all off…" });
    await all.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Turn 1 sensor off?" });
    await dialog.getByText("runs that go on are not touched").waitFor();
    await dialog.getByRole("button", { name: "Turn 1 sensor off" }).press("Enter");
    await page.getByText("1 sensor turned off").waitFor();
    await page.getByRole("switch", { name: "broken on", checked: false }).waitFor();
    expect(await all.isDisabled()).toBe(true);
    await comesTo(async () =>
      expect(await page.evaluate("document.activeElement.textContent")).toContain("Turn all off"),
    );
    await page.keyboard.press("u");
    await page.getByRole("switch", { name: "broken on", checked: true }).waitFor();
    await expectNoFlaws(page);
  });

  test("j and k move, / filters, and on a phone the failing one shows its error and what to do", async () => {
    const page = await ui.open("/sensors", { width: 390, height: 844 });
    await page.getByText("ReferenceError: lastRun is not defined").waitFor();
    await expectNoFlaws(page);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.getByRole("complementary", { name: "Sensor archive" }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("land");
    await page.getByRole("button", { name: "landing" }).waitFor();
    await comesTo(async () => expect(await names(page).count()).toBe(2));
  });
});
