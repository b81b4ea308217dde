import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { createApiKey, revokeApiKey } from "../../store/api-keys";
import { publishSensors } from "../../store/instigators";
import { sensorDefinition } from "../sensors/rig";
import { describeInBrowser, lowTargetsOf } from "../support/browser";
import { eventually } from "../support/eventually";
import { comesTo, expectNoFlaws, fanOut, startUi, type Ui } from "./ui-world";

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

describeInBrowser("the sign-in page", () => {
  let ui: Ui;
  beforeAll(async () => {
    ui = await startUi({ signInRequired: true, coordinator: false });
    await ui.world.publish(fanOut("ledger_close"));
    await publishSensors(ui.world.db, { codeVersion: "v", sensors: [sensorDefinition("landing")] });
  });
  afterEach(() => ui.closed());
  afterAll(() => ui?.stop());

  const newKey = (role: "viewer" | "admin") =>
    createApiKey(ui.world.db, { name: `the ${role}`, role, expiresAt: null });
  /** A bulk action that another web server has in hand. */
  const withBulkOfAnother = async (): Promise<string> => {
    const { rows } = await ui.world.db.query<{ id: string }>(
      `insert into bulk_actions (id, verb, filter, total, created_at, position_at, position_id, owner, lease_until)
       values (gen_random_uuid(), 'cancel', '{}', 3, now(), now(), gen_random_uuid(), 'another', now() + interval '1 day')
       returning id`,
    );
    return rows[0]!.id;
  };
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

  test("has a way past what stands before it, as all pages; on a phone its controls are as high as a finger needs", async () => {
    const page = await ui.open("/signin", { width: 390, height: 844 });
    await page.getByLabel("API key").waitFor();
    // The key has the focus at first; the link is the one stop before it.
    await page.keyboard.press("Shift+Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to content");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.tagName")).toBe("MAIN");
    expect(await lowTargetsOf(page)).toEqual([]);
    await expectNoFlaws(page);
  });

  test("comes back once the key is revoked, in every open page", async () => {
    const { key, stored } = await newKey("viewer");
    const page = await ui.open("/signin?next=/jobs");
    await signIn(page, key);
    await page.getByRole("heading", { level: 1, name: "Jobs" }).waitFor();
    await revokeApiKey(ui.world.db, stored.id);
    await page.getByText("Leads to /jobs").waitFor();
  });

  test("an admin makes a key that is shown once, sees who did what from where, and revokes it", async () => {
    const { key } = await newKey("admin");
    const page = await ui.open("/signin?next=/deployment?tab=access");
    await signIn(page, key);
    const keys = page.getByRole("region", { name: "API keys", exact: true });
    await keys.getByRole("button", { name: "New key" }).click();
    await page.getByLabel("Whose it is").fill("airport-feed");
    await page.getByRole("radio", { name: "operator" }).click();
    await page.getByRole("button", { name: "Make key" }).click();
    const made = await page.getByLabel("API key", { exact: true }).textContent();
    const me = () => ui.world.call("GET", "/api/me", undefined, bearer(made!));
    expect((await me()).body).toMatchObject({ name: "airport-feed", role: "operator" });
    await expectNoFlaws(page);
    await page.getByRole("button", { name: "Done" }).click();
    const row = keys.getByRole("row", { name: /^airport-feed .* operator / });
    await row.waitFor();
    expect(await page.content()).not.toContain(made!.split(".")[1]);
    await row.getByRole("button", { name: "Revoke airport-feed" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke key" }).click();
    await eventually(async () => (await me()).status === 401);
    await row.waitFor({ state: "detached" });
    await keys.getByRole("radio", { name: "All" }).click();
    await keys.getByRole("row", { name: /^airport-feed .* revoked / }).waitFor();
    const log = page.getByRole("region", { name: "Audit log", exact: true });
    await log.getByRole("row", { name: /the admin Revoke key keys\/dq_\w+ OK 127\.0\.0\.1/ }).click();
    await log.getByRole("button", { name: "Make key" }).first().click();
    await log.getByRole("row", { name: /Make key .* name airport-feed, role operator/ }).waitFor();
    expect(page.url()).toContain("what=createKey");
    await comesTo(async () => expect(await log.getByRole("row", { name: / Sign in / }).count()).toBe(0));
    await log.getByLabel("From where").fill("10.0.0.1");
    await page.keyboard.press("Enter");
    await log.getByText("No entry fits.").waitFor();
    await expectNoFlaws(page);
  });

  test("a viewer's buttons say which role they need, and the server has none of them to refuse", async () => {
    const admin = await newKey("admin");
    const { body: run } = await ui.world.call("POST", "/api/runs", { job: "ledger_close" }, bearer(admin.key));
    const { key } = await newKey("viewer");
    const page = await ui.open("/signin?next=/deployment?tab=access");
    const refused: string[] = [];
    page.on("response", (response) => void (response.status() === 403 && refused.push(response.url())));
    await signIn(page, key);
    await page.getByText("Keys and the audit log are for admins").waitFor();
    const go = (path: string) => page.goto(new URL(path, page.url()).href);
    const needs = async (needed: string, name: string, kind: "button" | "switch" | "menuitem" = "button") => {
      const control = page.getByRole(kind, { name, exact: true }).first();
      await control.and(page.locator("[aria-disabled=true]")).waitFor();
      const title = `Needs the role ${needed}; yours is viewer.`;
      expect([name, await control.getAttribute("title")]).toEqual([name, title]);
      await control.click({ force: true });
      await page.getByRole("status").getByText(title).last().waitFor();
    };
    await go("/runs");
    await needs("launcher", "Launch run");
    await page.getByRole("checkbox").last().check();
    await needs("launcher", "Cancel");
    await needs("operator", "Delete…");
    await page.evaluate(`localStorage.setItem("dqueue.bulk", "${await withBulkOfAnother()}")`);
    await go("/jobs");
    await needs("operator", "Stop");
    await page.getByRole("button", { name: "Close: Canceling 3 runs" }).click();
    await needs("launcher", "Launch ledger_close");
    await go("/jobs/ledger_close");
    await needs("launcher", "Launch run");
    await go("/jobs/ledger_close/launch");
    await needs("launcher", "Launch");
    await page.keyboard.press("Control+Enter");
    await go("/deployment");
    await needs("operator", "Run doctor");
    await go("/sensors?sel=landing");
    await needs("operator", "landing on", "switch");
    await needs("operator", "Dry run");
    await needs("operator", "Edit…");
    await page.keyboard.press("x");
    await go(`/runs/${run.id}`);
    await needs("launcher", "Cancel run");
    await page.keyboard.press("c");
    await page.getByRole("button", { name: "More" }).click();
    await needs("operator", "Delete run…", "menuitem");
    await expectNoFlaws(page);
    await page.keyboard.press("Escape");
    await page.keyboard.press("L");
    await page.getByRole("option", { name: /^Launch ledger_close\s*Needs the role launcher/ }).click();
    expect(page.url()).toContain(`/runs/${run.id}`);
    expect(refused).toEqual([]);
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
