import { describeInBrowser } from "../support/browser";
import { expectNoFlaws, startUi, type Ui } from "./ui-world";

describeInBrowser("the deployment page", () => {
  let ui: Ui;
  beforeAll(async () => void (ui = await startUi()));
  afterEach(() => ui.closed());
  afterAll(() => ui?.stop());

  test("shows processes, the owner of each shard, migrations and what the tables hold", async () => {
    const page = await ui.open("/deployment");
    await page.getByRole("row", { name: ui.world.broker.nodeID }).waitFor();
    const shards = page.getByRole("region", { name: "Shards" });
    await shards.getByText("8 shards, 1 owner").waitFor();
    expect(await shards.getByRole("listitem").count()).toBe(8);
    await page.getByRole("region", { name: "Migrations" }).getByText("up to date").waitFor();
    await page.getByRole("row", { name: /^runs / }).waitFor();
    expect(await page.getByRole("link", { name: "API reference" }).getAttribute("href")).toBe("/api/docs");
    await expectNoFlaws(page);
  });
});
