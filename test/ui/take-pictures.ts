import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DqueueClient } from "../../client";
import { openWindow, startBrowser } from "../support/browser";

const SIZES = {
  wide: { width: 1440, height: 900 },
  laptop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
};
const THEMES = ["light", "dark"] as const;
/** Until live figures, charts and fonts stand. */
const SETTLE_MS = 1_500;

/**
 * `npx tsx test/ui/take-pictures.ts [FOLDER] [SERVER]`: every page of a running server at three sizes in both themes,
 * into docs/images unless told otherwise. What they show is what the server has: launch something first.
 */
const main = async (folder = "docs/images", server = "http://127.0.0.1:3000"): Promise<void> => {
  mkdirSync(folder, { recursive: true });
  const pages = await pagesOf(new DqueueClient(server));
  const browser = await startBrowser();
  try {
    for (const [size, { width, height }] of Object.entries(SIZES))
      for (const theme of THEMES) {
        const { context, page, complaints } = await openWindow(browser, { width, height, theme });
        for (const [name, path] of Object.entries(pages)) {
          await page.goto(server + path);
          await page.getByRole("main").or(page.locator("h1")).first().waitFor();
          await page.waitForTimeout(SETTLE_MS);
          await page.screenshot({ path: join(folder, `${name}.${size}.${theme}.png`) });
        }
        await context.close();
        for (const complaint of complaints) console.error(complaint);
      }
  } finally {
    await browser.close();
  }
};

/** Addresses by name; of runs and jobs the latest. */
const pagesOf = async (client: DqueueClient): Promise<Record<string, string>> => {
  const [run, other] = (await client.runs.list({ limit: 2 })).items;
  const pages: Record<string, string> = {
    overview: "/",
    runs: "/runs",
    jobs: "/jobs",
    sensors: "/sensors",
    queues: "/queues",
    workers: "/queues?view=host",
    deployment: "/deployment",
  };
  if (!run) return pages;
  const tabs = ["events", "logs", "graph", "config", "io"].map((tab) => [`run-${tab}`, `/runs/${run.id}?tab=${tab}`]);
  Object.assign(
    pages,
    { run: `/runs/${run.id}`, "run-workers": `/runs/${run.id}?mode=worker` },
    Object.fromEntries(tabs),
  );
  Object.assign(pages, { job: `/jobs/${run.job}`, launchpad: `/jobs/${run.job}/launch` });
  return other ? { ...pages, compare: `/runs/${run.id}/compare/${other.id}` } : pages;
};

void main(...process.argv.slice(2));
