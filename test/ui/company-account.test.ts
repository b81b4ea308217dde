import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { follow, type Running } from "../cli/command";
import { describeInBrowser } from "../support/browser";
import { freePort } from "../support/free-port";
import { startUi, type Ui } from "./ui-world";

describeInBrowser("SEC-1: a company account", () => {
  let ui: Ui;
  let provider: Running;
  let site: string;
  beforeAll(async () => {
    const port = await freePort();
    const company = {
      ...{ issuer: `http://127.0.0.1:${port}`, clientId: "dqueue", clientSecret: "hunter2hunter2" },
      ...{ allowedDomains: ["example.com"], role: "launcher" as const },
    };
    ui = await startUi({ signInRequired: true, coordinator: false, company });
    site = `http://127.0.0.1:${ui.link.port}`;
    const program = join(__dirname, "..", "support", "oidc-provider-process.ts");
    const args = ["--import", "tsx", program, `${port}`, `${site}/api/session/company`];
    provider = follow(spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] }));
    await provider.printed(/ready/);
  });
  afterEach(() => ui.closed());
  afterAll(async () => {
    provider?.child.kill("SIGKILL");
    await ui?.stop();
  });

  const signIn = async (login: string): Promise<Page> => {
    const page = await ui.open("/jobs");
    await page.getByRole("button", { name: "Company account at 127.0.0.1" }).click();
    await page.locator("input[name=login]").fill(login);
    await page.locator("input[name=password]").fill("any");
    await page.locator("button[type=submit]").click();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(`${site}/**`);
    return page;
  };
  /** Cookies know no ports: the provider's are here too. */
  const cookies = async (page: Page, address: string) =>
    (await page.context().cookies(address)).filter(({ name }) => name.startsWith("dqueue_"));
  const sessions = async (): Promise<number> =>
    Number((await ui.world.db.query("select count(*) as n from sessions")).rows[0]!.n);

  test("of an allowed domain gets in, however its letters are written, and back to where it came for", async () => {
    const page = await signIn("a@EXAMPLE.com");
    await page.getByRole("heading", { level: 1, name: "Jobs" }).waitFor();
    const side = page.getByRole("complementary", { name: "Main" });
    await side.getByText("a@example.com").waitFor();
    await side.getByText("launcher").waitFor();
    const [cookie] = await cookies(page, site);
    expect(cookie).toMatchObject({ name: `dqueue_session_${new URL(site).port}`, httpOnly: true, sameSite: "Strict" });
    expect(await cookies(page, `${site}/api/session`)).toHaveLength(1);
  });

  test.each([
    ["a@example.com.evil.org", "domain are not let in"],
    ["a@notexample.com", "domain are not let in"],
    ["unverified@example.com", "no verified e-mail address"],
  ])("%s does not", async (login, why) => {
    const before = await sessions();
    const page = await signIn(login);
    await page.getByRole("alert").filter({ hasText: why }).waitFor();
    await page.getByText("Leads to /jobs").waitFor();
    expect([await sessions(), await cookies(page, site)]).toEqual([before, []]);
  });

  test("is not let in by an answer that this browser did not ask for", async () => {
    const before = await sessions();
    const page = await ui.open("/api/session/company?code=stolen&state=other");
    await page.getByRole("alert").filter({ hasText: "begun in another browser" }).waitFor();
    await page.goto(`${site}/signin?next=/jobs`);
    await page.getByRole("button", { name: "Company account at 127.0.0.1" }).click();
    await page.locator("input[name=login]").waitFor();
    await page.goto(`${site}/api/session/company?code=stolen&state=other`);
    await page.getByRole("alert").filter({ hasText: "did not let you in" }).waitFor();
    expect(await sessions()).toBe(before);
  });
});
