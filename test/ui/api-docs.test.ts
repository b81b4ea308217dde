import type { Request } from "playwright-core";
import { describeInBrowser } from "../support/browser";
import { startUi, type Ui } from "./ui-world";

describeInBrowser("the API's reference", () => {
  let ui: Ui;
  beforeAll(async () => void (ui = await startUi()));
  afterEach(() => ui.closed());
  afterAll(() => ui?.stop());

  test("lists every route, and asks nobody but the server", async () => {
    const page = await ui.open("/deployment");
    const asked: Request[] = [];
    page.on("request", (request) => asked.push(request));
    await page.getByRole("link", { name: "API reference" }).click();
    await page.locator(".opblock").first().waitFor();
    const { paths } = (await ui.world.call("GET", "/api/openapi.json")).body as { paths: Record<string, object> };
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const listed = await page.locator(".opblock-summary").evaluateAll((summaries) =>
      summaries.map((summary) => {
        const method = summary.querySelector(".opblock-summary-method")!.textContent;
        return `${method} ${summary.querySelector(".opblock-summary-path")!.getAttribute("data-path")}`;
      }),
    );
    expect(listed.sort()).toEqual(described.sort());
    const hosts = new Set(asked.map((request) => new URL(request.url())).map(({ protocol, host }) => protocol + host));
    // Pictures of its style are data.
    expect([...hosts].filter((host) => host !== "data:")).toEqual([`http:${new URL(page.url()).host}`]);
  });

  test("tries a request out, and shows the answer", async () => {
    const page = await ui.open("/api/docs");
    const route = page.locator(".opblock", { has: page.locator('[data-path="/api/health"]') });
    await route
      .getByRole("button", { name: /health/ })
      .first()
      .click();
    await route.getByRole("button", { name: "Try it out" }).click();
    await route.getByRole("button", { name: "Execute" }).click();
    await route.locator(".live-responses-table .microlight", { hasText: '"version": "1.2.3"' }).waitFor();
  });

  test("has the theme of the interface", async () => {
    const page = await ui.open("/api/docs", { theme: "dark" });
    const dark = () => page.evaluate("document.documentElement.classList.contains('dark-mode')");
    await page.locator(".opblock").first().waitFor();
    expect(await dark()).toBe(true);
    await page.evaluate("localStorage.setItem('dqueue.theme', 'light')");
    await page.reload();
    await page.locator(".opblock").first().waitFor();
    expect(await dark()).toBe(false);
  });
});
