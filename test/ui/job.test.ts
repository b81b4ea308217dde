import { publishSensors } from "../../store/instigators";
import { collect, generator, item, job, op } from "../core/graphs";
import { items } from "../api/world";
import { describeInBrowser } from "../support/browser";
import { comesTo, expectNoFlaws, startUi, type Ui } from "./ui-world";

const SCHEMA = {
  type: "object",
  properties: {
    region: { enum: ["eu", "us"], description: "Of the bucket" },
    source: {
      type: "object",
      properties: {
        bucket: { type: "string", description: "Holds the entries" },
        ttl: { type: "integer", minimum: 60, maximum: 86_400, default: 900 },
      },
      required: ["bucket"],
    },
  },
  required: ["region", "source"],
};

describeInBrowser("a job's page", () => {
  let ui: Ui;
  const runs: string[] = [];
  const graph = job(
    generator("list"),
    op("post", { over: ["list"], in: [item("list")] }),
    op("sum", { in: [collect("post")] }),
  );
  beforeAll(async () => {
    ui = await startUi({ sensors: { new_entries: () => Promise.resolve({ skipReason: "none" }) } });
    const shown = { ...graph, description: "Posts entries", tags: { team: "billing" }, configSchema: SCHEMA };
    await ui.world.publish({ ...shown, job: "ledger" }, { ...job(op("a")), job: "unused" });
    let fails = false;
    ui.world.ops = {
      list: () => items({ a: 1 }),
      sum: () => {
        if (fails) throw new Error("no");
        return null;
      },
    };
    for (const last of [false, false, true]) {
      fails = last;
      const config = { region: "eu", source: { bucket: "b" } };
      runs.push(await ui.world.launch({ job: "ledger", config }));
      await ui.world.ended(runs.at(-1)!);
    }
    // They ended before now, or some of them would not be among the runs of today.
    await ui.world.db.query(
      `update runs set created_at = created_at - interval '1 min', started_at = created_at - interval '58 s',
                       ended_at = created_at - interval '18 s'
       where status = 'SUCCESS'`,
    );
    const watches = { description: null, minimumIntervalSeconds: 600, runStatuses: [], monitoredJobs: [] };
    await publishSensors(ui.world.db, {
      codeVersion: "v",
      sensors: [{ name: "new_entries", kind: "sensor", jobs: ["ledger"], defaultStatus: "RUNNING", ...watches }],
    });
  });
  afterEach(() => ui.closed());
  afterAll(() => ui?.stop());

  test("tells how its last runs went, what it takes, what it is made of and what launches it", async () => {
    const page = await ui.open("/jobs/ledger");
    await page.getByRole("heading", { level: 1, name: "ledger" }).waitFor();
    await page.getByRole("heading", { name: "Last 3\u00a0runs" }).waitFor();
    await comesTo(async () => {
      const figures = await page.locator(".figures dd b").allInnerTexts();
      expect(figures).toEqual(["66.7\u00a0%", "40.0\u00a0s", "40.0\u00a0s", "2.00\u00a0s", "3", "3"]);
    });
    const fields = page.getByRole("region", { name: "Config schema" });
    await fields.getByText("3\u00a0fields, 2 required").waitFor();
    const rows = await fields.getByRole("row").allInnerTexts();
    expect(rows.map((row) => row.replace(/\s+/g, " ").trim()).slice(1)).toEqual([
      "region enum required Of the bucket eu, us",
      "source",
      "bucket string required Holds the entries",
      "ttl integer 900 60 to 86,400",
    ]);
    const ops = page.getByRole("region", { name: "Graph" });
    await comesTo(async () => expect(await ops.locator("li b").allInnerTexts()).toEqual(["list", "post", "sum"]));
    await page.getByRole("region", { name: "Code versions" }).getByText("3\u00a0runs").waitFor();
    await expectNoFlaws(page);
  });

  test("its bars are walked along by arrows and open their run; a drag over several compares the first with the last", async () => {
    const page = await ui.open("/jobs/ledger");
    const bars = page.getByRole("group", { name: "Last runs of ledger, oldest first" }).getByRole("link");
    await bars.nth(2).focus();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/runs/${runs[1]!}`);
    await page.goBack();
    const [first, last] = [await bars.nth(0).boundingBox(), await bars.nth(2).boundingBox()];
    await page.mouse.move(first!.x + 5, first!.y + 60);
    await page.mouse.down();
    await page.mouse.move(last!.x + 5, last!.y + 60, { steps: 3 });
    await page.mouse.up();
    await page.waitForURL(`**/runs/${runs[0]!}/compare/${runs[2]!}`);
  });

  test("what the height means and how many runs are shown stand in the address", async () => {
    const page = await ui.open("/jobs/ledger?y=waiting&n=all");
    const bars = page.getByRole("group", { name: /^Last runs/ }).getByRole("link");
    await bars
      .nth(0)
      .and(page.getByRole("link", { name: /Success, 2\.00\s/ }))
      .waitFor();
    await page.getByRole("radio", { name: "Steps" }).click();
    await page.waitForURL(/y=steps/);
    await bars
      .nth(0)
      .and(page.getByRole("link", { name: /Success, 3,/ }))
      .waitFor();
  });

  test("`L` leads to the launchpad of the job", async () => {
    const page = await ui.open("/jobs/ledger");
    await page.getByRole("button", { name: "Launch run" }).waitFor();
    await page.keyboard.press("L");
    await page.waitForURL("**/jobs/ledger/launch");
  });

  test("its sensor is turned off and, by undo, on again", async () => {
    const page = await ui.open("/jobs/ledger");
    const switched = page.getByRole("switch", { name: "new_entries" });
    await switched.click();
    await page.getByRole("switch", { name: "new_entries", checked: false }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("switch", { name: "new_entries", checked: true }).waitFor();
  });

  test("a new run appears by itself; a job without runs and one that is not there say what to do", async () => {
    const page = await ui.open("/jobs/unused", { width: 390, height: 844 });
    await page.getByText("npx dqueue run unused --wait").waitFor();
    await ui.world.launch({ job: "unused" });
    await page.getByRole("heading", { name: "Last 1\u00a0run" }).waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await expectNoFlaws(page);
    await page.goto(page.url().replace("unused", "no_such_job"));
    await page.getByText("There is no job no_such_job").waitFor();
    await page.goto(page.url().replace("no_such_job", "%ZZ"));
    await page.getByText("There is no job %ZZ").waitFor();
  });
});
