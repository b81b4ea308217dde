import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { openWindow, startBrowser } from "../support/browser";
import { type Demo, startDemo } from "./demo/server";

const SIZES = {
  wide: { width: 1440, height: 900 },
  laptop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
};
const THEMES = ["light", "dark"] as const;
/** Until live figures, charts and fonts stand. */
const SETTLE_MS = 1_200;
const REPAINT_MS = 250;
/** Of WebP: letters stay sharp. */
const QUALITY = 84;

/**
 * `npm run pictures [-- FOLDER]`: every page of a server of its own at three sizes in both themes, into docs/images
 * unless told otherwise.
 */
const main = async (folder = "docs/images"): Promise<void> => {
  mkdirSync(folder, { recursive: true });
  const demo = await startDemo();
  const pages = pagesOf(demo, await aWorkerOf(demo, demo.runs.whole));
  const browser = await startBrowser();
  try {
    for (const [size, { width, height }] of Object.entries(SIZES)) {
      const { context, page, complaints } = await openWindow(browser, { width, height });
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(new URL(path, demo.url).href);
        await page.getByRole("main").first().waitFor();
        await page.waitForTimeout(SETTLE_MS);
        await page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
        await page.waitForTimeout(REPAINT_MS);
        for (const theme of THEMES) {
          await page.emulateMedia({ colorScheme: theme });
          await page.waitForTimeout(REPAINT_MS);
          writeFileSync(join(folder, `${name}.${size}.${theme}.webp`), await pictureOf(page));
        }
      }
      await context.close();
      for (const complaint of complaints) console.error(complaint);
    }
  } finally {
    await browser.close();
    await demo.stop();
  }
};

/** As WebP, which is a fifth of a PNG. */
const pictureOf = async (page: Page): Promise<Buffer> => {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: QUALITY });
  await session.detach();
  return Buffer.from(data, "base64");
};

/** One that worked for a run. */
const aWorkerOf = async ({ url }: Demo, run: string): Promise<string> => {
  const answer = await fetch(new URL(`/api/runs/${run}/timeline/columns`, url));
  const { workers } = (await answer.json()) as { workers: string[] };
  return workers.sort()[0]!;
};

/** Addresses by name. @param worker whose slots are shown. */
const pagesOf = ({ doorUrl, runs }: Demo, worker: string): Record<string, string> => ({
  signin: `${doorUrl}/signin?next=/`,
  overview: "/",
  runs: "/runs",
  jobs: "/jobs",
  job: "/jobs/post_ledger",
  launchpad: `/jobs/post_ledger/launch?from=${runs.whole}`,
  sensors: "/sensors?sel=post_ledger_sensor",
  queues: "/queues",
  workers: "/queues?view=host",
  deployment: "/deployment",
  "deployment-storage": "/deployment?tab=storage",
  "deployment-access": "/deployment?tab=access",
  run: `/runs/${runs.live}`,
  "run-queued": `/runs/${runs.queued}`,
  "run-failed": `/runs/${runs.failed}?step=find_files`,
  "run-waterfall": `/runs/${runs.closed}?mode=waterfall`,
  "run-workers": `/runs/${runs.whole}?mode=worker&open=${worker}`,
  "run-past": `/runs/${runs.whole}?t=2.0`,
  "run-events": `/runs/${runs.whole}?tab=events`,
  "run-logs": `/runs/${runs.whole}?tab=logs`,
  "run-graph": `/runs/${runs.closed}?tab=graph`,
  "run-config": `/runs/${runs.whole}?tab=config`,
  "run-io": `/runs/${runs.counted}?tab=io`,
  compare: `/runs/${runs.failed}/compare/${runs.counted}`,
});

void main(...process.argv.slice(2));
