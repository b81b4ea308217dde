import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { built } from "../../store/built";

const executable = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

const NOT_AVAILABLE = `NOT RUN: the tests in a browser. There is no Chromium at ${executable}; CHROMIUM_PATH may name another.`;

/**
 * `describe` for tests in a real browser. Where there is none it says loudly what is not run; with CI=true it is a
 * failing test instead.
 */
export const describeInBrowser = (name: string, tests: () => void): void => {
  if (existsSync(executable)) return describe(name, tests);
  if (process.env.CI === "true") {
    return describe(name, () => {
      test("has a browser to run in", () => {
        throw new Error(NOT_AVAILABLE);
      });
    });
  }
  process.stderr.write(`\n${"!".repeat(100)}\n${NOT_AVAILABLE}\n  ${name}\n${"!".repeat(100)}\n`);
  return describe.skip(name, tests);
};

export const startBrowser = async (): Promise<Browser> => {
  if (!existsSync(built("ui", "index.html"))) throw new Error("The interface is not built: run npm run build.");
  // Test machines are often containers, in which the sandbox cannot be set up.
  return chromium.launch({ executablePath: executable, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
};

export interface Look {
  width?: number;
  height?: number;
  theme?: "light" | "dark";
}

/** A window of its own; `complaints` gathers what the browser reports: errors of scripts, breaches of the policy. */
export const openWindow = async (
  browser: Browser,
  { width = 1280, height = 800, theme = "light" }: Look = {},
): Promise<{ context: BrowserContext; page: Page; complaints: string[] }> => {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: "reduce",
    timezoneId: "Asia/Kolkata",
    locale: "en-US",
  });
  // A busy machine is slow, not wrong.
  context.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  const page = await context.newPage();
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("console", (message) => {
    // That a request failed is told by the page itself.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      complaints.push(message.text());
  });
  return { context, page, complaints };
};

const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const CROWDING = readFileSync(join(__dirname, "crowding.browser.js"), "utf8");

/** Words over words, words cut off of which nothing tells the whole, a page that scrolls sideways: what, and where. */
export const crowdingOf = (page: Page): Promise<string[]> => page.evaluate(CROWDING);

const TARGETS = readFileSync(join(__dirname, "targets.browser.js"), "utf8");

/** Controls too low for a finger: how high they are, and where. */
export const lowTargetsOf = (page: Page): Promise<string[]> => page.evaluate(TARGETS);

/** What axe finds against a page, of all its rules: rule and place. */
export const flawsOf = async (page: Page): Promise<string[]> => {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<{
    violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[];
  }>("axe.run(document, { resultTypes: ['violations'] })");
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target.join(" ")}: ${failureSummary}`),
  );
};
