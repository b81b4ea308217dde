import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { createApiKey, revokeApiKey } from "../../store/api-keys";
import { describeInBrowser } from "../support/browser";
import { expectNoFlaws, fanOut, startUi, type Ui } from "./ui-world";

describeInBrowser("the sign-in page", () => {
  let ui: Ui;
  beforeAll(async () => {
    ui = await startUi({ signInRequired: true, coordinator: false });
    await ui.world.publish(fanOut("ledger_close"));
  });
  afterEach(() => ui.closed());
  afterAll(() => ui?.stop());

  const newKey = (role: "viewer" | "admin") =>
    createApiKey(ui.world.db, { name: `the ${role}`, role, expiresAt: null });
  const signIn = async (page: Page, key: string): Promise<void> => {
    await page.getByLabel("API key").fill(key);
    await page.getByRole("button", { name: "Sign in" }).click();
  };

  test("stands before every page, leads back to the very address, and out again", async () => {
    const { key } = await newKey("viewer");
    const address = "/runs?q=status:failure&sort=created";
    const page = await ui.open(address);
    await page.getByRole("heading", { name: "Sign in to dqueue" }).waitFor();
    await page.getByText(`Leads to ${address}`).waitFor();
    expect(await page.getByLabel("API key").getAttribute("type")).toBe("password");
    await signIn(page, key);
    await page.getByRole("heading", { level: 1, name: "Runs" }).waitFor();
    expect(page.url()).toContain(address);
    const side = page.getByRole("complementary", { name: "Main" });
    await side.getByText("the viewer").waitFor();
    await side.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in to dqueue" }).waitFor();
    await page.goto(new URL("/jobs", page.url()).href);
    await page.getByRole("heading", { name: "Sign in to dqueue" }).waitFor();
  });

  test("says what is wrong with a key and how many tries are left; nothing shows the key", async () => {
    const page = await ui.open("/signin?next=//evil.example");
    await page.getByText("Leads to /").waitFor();
    await signIn(page, "hunter2");
    const problem = page.getByRole("alert");
    await problem.getByText("This is no API key: one begins with dq_ and has a dot in it. 9 tries are left.").waitFor();
    expect(page.url()).not.toContain("hunter2");
    await page.getByText("Where do I get one?").click();
    await page.getByText("dqueue keys create").waitFor();
    await expectNoFlaws(page);
  });

  test("fits a phone, and is passed by keyboard alone", async () => {
    const { key } = await newKey("viewer");
    const page = await ui.open("/signin?next=/jobs", { width: 390, height: 844 });
    await page.getByRole("heading", { name: "Sign in to dqueue" }).waitFor();
    await page.getByLabel("API key").waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await expectNoFlaws(page);
    await page.keyboard.type(key);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Jobs" }).waitFor();
  });

  test("comes back once the key is revoked, in every open page", async () => {
    const { key, stored } = await newKey("viewer");
    const page = await ui.open("/signin?next=/jobs");
    await signIn(page, key);
    await page.getByRole("heading", { level: 1, name: "Jobs" }).waitFor();
    await revokeApiKey(ui.world.db, stored.id);
    await page.getByText("Leads to /jobs").waitFor();
  });

  test("a page of another port of this machine cannot use the session", async () => {
    const { key } = await newKey("admin");
    const page = await ui.open("/signin?next=/jobs");
    await signIn(page, key);
    await page.getByRole("heading", { level: 1, name: "Jobs" }).waitFor();
    const { origin } = new URL(page.url());
    const launch = (from: Page) =>
      from.evaluate(
        async ([url, body]) => {
          const init = { method: "POST", credentials: "include" as const, body: body! };
          const plain = await fetch(url!, { ...init, mode: "no-cors" }).then(({ status }) => status, () => "refused"); // prettier-ignore
          const json = { ...init, headers: { "content-type": "application/json" } };
          return [plain, await fetch(url!, json).then(({ status }) => status, () => "refused")]; // prettier-ignore
        },
        [`${origin}/api/runs`, JSON.stringify({ job: "ledger_close" })],
      );
    // Of the same site for a browser, which sends the cookie along.
    const other = createServer((_, response) => response.end()).listen(0, "127.0.0.1");
    await once(other, "listening");
    const foreign = await page.context().newPage();
    await foreign.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
    const count = async () => (await ui.world.db.query("select count(*) as n from runs")).rows[0]!.n;
    const before = await count();
    expect(await launch(foreign)).toEqual(["refused", "refused"]);
    other.close();
    expect(await count()).toBe(before);
    expect(await launch(page)).toEqual([415, 201]);
    expect(await count()).toBe(Number(before) + 1);
  });
});
