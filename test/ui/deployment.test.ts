import { describeInBrowser } from "../support/browser";
import { expectNoFlaws, startUi, type Ui } from "./ui-world";

const SECRET = "postgres://ledger:hunter2@db.internal:5432/ledger";

describeInBrowser("the deployment page", () => {
  let ui: Ui;
  beforeAll(async () => void (ui = await startUi({ environment: { DATABASE_URL: SECRET, NAMESPACE: "ledger" } })));
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
    expect(await page.getByRole("link", { name: "API reference" }).getAttribute("href")).toBe("/api/docs");
    await expectNoFlaws(page);
    await page.getByRole("link", { name: "Storage & settings" }).click();
    await page.getByRole("row", { name: /^runs / }).waitFor();
  });

  test("shows each setting with its origin; passwords never leave the server", async () => {
    const page = await ui.open("/deployment?tab=storage");
    const answer = page.waitForResponse("**/api/deployment");
    const settings = page.getByRole("region", { name: "Settings", exact: true });
    const rows = settings.getByRole("row");
    await settings.getByRole("row", { name: "NAMESPACE ledger environment all" }).waitFor();
    await settings.getByRole("row", { name: "DATABASE_URL postgres://ledger:***@db.internal" }).waitFor();
    expect(await rows.count()).toBe(3);
    expect(await (await answer).text()).not.toContain("hunter2");
    await settings.getByRole("radio", { name: "All" }).click();
    await settings.getByRole("row", { name: "MAX_CONCURRENT_RUNS 200 default all" }).waitFor();
    await expectNoFlaws(page);
  });
});
