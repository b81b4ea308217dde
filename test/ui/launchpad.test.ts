import type { Page } from "playwright-core";
import { describeInBrowser } from "../support/browser";
import { comesTo, expectNoFlaws, fanOut, startUi, type Ui } from "./ui-world";

const JOB = {
  ...fanOut("orders"),
  configSchema: {
    type: "object",
    properties: {
      numTasks: { type: "integer", minimum: 1, default: 10, description: "Tasks of a run" },
      region: { type: "string", enum: ["eu-west-1", "us-east-1"] },
      source: {
        type: "object",
        properties: { bucket: { type: "string" }, prefix: { type: "string", description: "Only below it is read" } },
        required: ["bucket", "prefix"],
        additionalProperties: false,
      },
    },
    required: ["region", "source"],
    additionalProperties: false,
  },
  defaultConfig: { region: "eu-west-1", source: { bucket: "ledger", prefix: "in/" } },
};
/** As the browser hands over what somebody pastes. */
const paste = (element: any, text: string): void => {
  const { DataTransfer, ClipboardEvent } = globalThis as any;
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
};

/** As keys come on a busy machine: now and then between a rendering and what follows from it. */
const typeUnevenly = async (_: unknown, text: string): Promise<void> => {
  for (const [at, key] of [...text].entries()) {
    await new Promise((resolve) => setTimeout(resolve, at % 7));
    (globalThis as any).document.execCommand("insertText", false, key);
  }
};

const pressThrice = (element: any): void => {
  const { KeyboardEvent } = globalThis as any;
  const press = { key: "Enter", ctrlKey: true, bubbles: true, cancelable: true, composed: true };
  for (let n = 0; n < 3; n++) element.dispatchEvent(new KeyboardEvent("keydown", press));
};

const PATH = "/jobs/orders/launch";

describeInBrowser("the launchpad", () => {
  let ui: Ui;
  beforeAll(async () => {
    ui = await startUi();
    await ui.world.publish(JOB);
  });
  afterEach(() => ui.closed());
  afterAll(() => ui?.stop());

  const editor = (page: Page) => page.getByRole("textbox", { name: "Config of orders" });
  const problems = (page: Page) => page.getByRole("group", { name: "Problems" });
  const write = async (page: Page, text: string): Promise<void> => {
    await editor(page).click();
    await page.keyboard.press("Control+a");
    await editor(page).evaluate(paste, text);
  };

  test("a config is checked by the server as it is written; what is misspelt is corrected by a click", async () => {
    const page = await ui.open(PATH);
    await problems(page).getByText("No problems").waitFor();
    await write(page, "region: eu-wset-1\nsource:\n  bucket: ledger\n");
    await problems(page).getByText("2 problems").waitFor();
    await problems(page).getByRole("button", { name: "1:9 region must be one of" }).waitFor();
    await page.getByText("Solve 2 problems to launch").waitFor();
    await expectNoFlaws(page);
    await page.getByRole("button", { name: "Use eu-west-1" }).click();
    await problems(page).getByText("1 problem", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Add missing" }).click();
    await problems(page).getByText("No problems").waitFor();
    await comesTo(async () => expect(await editor(page).innerText()).toContain('prefix: ""'));
  });

  test("keys are completed from the schema, with what they mean", async () => {
    const page = await ui.open(PATH);
    await write(page, "source:\n  bucket: a\n  ");
    await page.keyboard.type("pre");
    const option = page.getByRole("option", { name: /prefix/ });
    await option.getByText("required").waitFor();
    await page.getByText("Only below it is read").waitFor();
    await option.click();
    await comesTo(async () => expect(await editor(page).innerText()).toContain("prefix: "));
  });

  test("a text may name a secret, by an allowed variable; the run's config shows a lock in its place", async () => {
    const page = await ui.open(PATH);
    await write(page, "region: eu-west-1\nsource:\n  prefix: in/\n  bucket: ");
    await page.keyboard.press("Control+Space");
    await page.getByRole("option", { name: "$secret env:DQUEUE_SECRET_*" }).click();
    await page.keyboard.type("BUCKET");
    expect(await editor(page).innerText()).toContain('bucket: { $secret: "env:DQUEUE_SECRET_BUCKET" }');
    await problems(page).getByText("No problems").waitFor();
    await page.getByRole("button", { name: "Launch", exact: true }).click();
    await page.waitForURL("**/runs/*");
    await page.goto(`${page.url()}?tab=config`);
    const config = page.getByRole("region", { name: "The config" });
    await config.getByText("bucket: secret env:DQUEUE_SECRET_BUCKET").waitFor();
    expect(await config.locator(".jt-secret svg").count()).toBe(1);
  });

  test("on a slow machine nothing that is typed is lost", async () => {
    const page = await ui.open(PATH);
    await problems(page).getByText("No problems").waitFor();
    await write(page, "# ");
    const text = "the quick brown fox jumps over the lazy dog ".repeat(6);
    await editor(page).evaluate(typeUnevenly, text);
    await problems(page).getByText("Checking…").waitFor({ state: "hidden" });
    await comesTo(async () => expect(await editor(page).innerText()).toBe(`# ${text}`));
  });

  test("YAML, JSON and the form are one document, and a draft survives a reload", async () => {
    const page = await ui.open(PATH);
    await page.getByRole("radio", { name: "Form" }).click();
    await page.getByLabel(/^numTasks/).fill("7");
    await page.getByLabel(/^prefix/).fill("out/");
    await expectNoFlaws(page);
    await page.reload();
    await page.getByRole("radio", { name: "JSON" }).click();
    await problems(page).getByText("No problems").waitFor();
    await comesTo(async () => {
      expect(JSON.parse(await editor(page).innerText())).toEqual({
        region: "eu-west-1",
        source: { bucket: "ledger", prefix: "out/" },
        numTasks: 7,
      });
    });
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByRole("radio", { name: "YAML", checked: true }).waitFor();
    await comesTo(async () => expect(await editor(page).innerText()).not.toContain("numTasks"));
  });

  test("Ctrl Enter launches what is written, with its tags, and opens the run", async () => {
    const page = await ui.open(PATH);
    await problems(page).getByText("No problems").waitFor();
    await page.getByRole("button", { name: "Add tag" }).click();
    await page.keyboard.type("customer: acme");
    await page.keyboard.press("Enter");
    await write(page, "region: us-east-1\nsource: { bucket: b, prefix: p }\n");
    await problems(page).getByText("No problems").waitFor();
    await page.keyboard.press("Control+Enter");
    await page.waitForURL(/\/runs\/[0-9a-f-]{36}/);
    const { body: run } = await ui.world.call("GET", `/api/runs/${page.url().split("/").at(-1)}`);
    expect(run).toMatchObject({
      config: { region: "us-east-1", source: { bucket: "b", prefix: "p" } },
      tags: { customer: "acme" },
    });
  });

  test("keys that are pressed three times launch one run; so does another try after an answer that was lost", async () => {
    const known = async (): Promise<number> =>
      (await ui.world.call("GET", "/api/runs?job=orders&limit=100")).body.items.length;
    const before = await known();
    const page = await ui.open(PATH);
    await problems(page).getByText("No problems").waitFor();
    await editor(page).evaluate(pressThrice);
    await page.waitForURL(/\/runs\/[0-9a-f-]{36}/);
    expect(await known()).toBe(before + 1);
    await page.goBack();
    await problems(page).getByText("No problems").waitFor();
    await page.route("**/api/runs", async (route) => {
      await route.fetch();
      await route.abort();
    });
    await page.keyboard.press("Control+Enter");
    await page.getByText("orders was not launched").waitFor();
    expect(await known()).toBe(before + 2);
    await page.unroute("**/api/runs");
    await page.keyboard.press("Control+Enter");
    await page.waitForURL(/\/runs\/[0-9a-f-]{36}/);
    expect(await known()).toBe(before + 2);
  });

  test("a new run may do a part: what a chosen op needs comes with it, a wrong choice is told before the launch", async () => {
    const page = await ui.open(PATH);
    await problems(page).getByText("No problems").waitFor();
    const ops = (name: string) => page.getByRole("checkbox", { name: `Run ${name}` });
    const launch = page.getByRole("button", { name: /^Launch/ });
    await ops("work").uncheck();
    await page.getByText("1 of 3 ops").waitFor();
    expect(await ops("sum").isChecked()).toBe(false);
    const written = page.getByRole("textbox", { name: "Ops" });
    await written.fill("gen, sum");
    await page.getByText('"sum" runs "sum", which needs "work"').first().waitFor();
    expect(await launch.isDisabled()).toBe(true);
    await expectNoFlaws(page);
    await written.fill("*work");
    await page.getByText("2 of 3 ops").waitFor();
    await problems(page).getByText("No problems").waitFor();
    await launch.click();
    await page.waitForURL(/\/runs\/[0-9a-f-]{36}/);
    const id = page.url().split("/").at(-1)!;
    expect(await ui.world.ended(id)).toMatchObject({
      status: "SUCCESS",
      selection: [{ node: "work" }, { node: "gen" }],
    });
  });

  test("a run's config is changed, compared with it, and re-executed", async () => {
    const id = await ui.world.launch({ job: "orders" });
    await ui.world.ended(id);
    const page = await ui.open(`${PATH}?from=${id}`);
    await problems(page).getByText("No problems").waitFor();
    await page.getByText("The config is the same.").waitFor();
    await write(page, "region: us-east-1\nsource: { bucket: ledger, prefix: in/ }\n");
    const difference = page.getByLabel("Difference");
    await difference.getByText("- region: eu-west-1").waitFor();
    await difference.getByText("+ region: us-east-1").waitFor();
    await page.getByRole("radio", { name: "Steps" }).click();
    await page.getByRole("checkbox", { name: "Run sum" }).check();
    await problems(page).getByText("No problems").waitFor();
    await page.getByRole("button", { name: /^Re-execute/ }).click();
    await page.waitForURL((url) => url.pathname.startsWith("/runs/") && !url.pathname.endsWith(id));
    const { body: run } = await ui.world.call("GET", `/api/runs/${new URL(page.url()).pathname.split("/").at(-1)}`);
    expect(run).toMatchObject({ parent_run_id: id, config: { region: "us-east-1" } });
  });

  test("what is written can be taken along as curl, and all of it works on a phone", async () => {
    const page = await ui.open(PATH);
    await problems(page).getByText("No problems").waitFor();
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy as curl" }).click();
    await page.getByText("Copied as curl").waitFor();
    const copied = String(await page.evaluate("navigator.clipboard.readText()"));
    expect(copied).toMatch(/^curl -X POST 'http:\/\/127\.0\.0\.1:\d+\/api\/runs' .*"region":"eu-west-1"/);
    await page.setViewportSize({ width: 390, height: 844 });
    await expectNoFlaws(page);
  });

  test("a preset keeps config, tags and priority under a name of the job, until it is removed", async () => {
    const page = await ui.open(PATH);
    await write(page, "region: us-east-1\nsource:\n  bucket: small\n  prefix: smoke/\n");
    await page.getByRole("button", { name: "Save as…" }).click();
    await page.getByRole("textbox", { name: "Name of the preset" }).fill("small smoke");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/launch?preset=small%20smoke");
    await expectNoFlaws(page);
    const begin = page.getByRole("navigation", { name: "Begin from" });
    await begin.getByRole("link", { name: "Draft" }).click();
    await page.waitForURL(/launch$/);
    await comesTo(async () => expect(await editor(page).innerText()).toContain("bucket: ledger"));
    await begin.getByRole("link", { name: "small smoke" }).click();
    await editor(page).getByText("bucket: small").waitFor();
    await page.getByRole("button", { name: "Remove preset small smoke" }).click();
    await page.waitForURL(/launch$/);
    await begin.getByRole("link", { name: "small smoke" }).waitFor({ state: "detached" });
  });

  test("what is to be expected tells the slots that are free for the job's steps", async () => {
    const page = await ui.open(PATH);
    await page.getByText("no worker takes default").waitFor();
  });
});
