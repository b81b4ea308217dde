import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

const executable = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const WAIT_MS = 60_000;

export const startBrowser = async (): Promise<Browser> => {
  if (!existsSync(executable))
    throw new Error(`There is no Chromium at ${executable}; CHROMIUM_PATH may name another.`);
  return chromium.launch({ executablePath: executable, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
};

/** A page that has been opened, in a window without anything in its cache. */
export interface Opened {
  page: Page;
  /** Milliseconds from the address to the frame in which what was waited for stood. */
  ms: number;
  /** What came over the wire for it, with heads: page, scripts and data. */
  bytes: number;
  close(): Promise<void>;
}

/** Opens an address and waits until something of the selector is there. */
export const open = async (browser: Browser, url: string, selector: string): Promise<Opened> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  await page.addInitScript(noteWhenShown(selector));
  const wire = await context.newCDPSession(page);
  let bytes = 0;
  wire.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  await wire.send("Network.enable");
  await page.goto(url, { waitUntil: "commit" });
  const ms = await page.evaluate<number>("shown");
  return { page, ms, bytes, close: () => context.close() };
};

/** Text, as all that runs in a page: this is compiled for Node. */
const noteWhenShown = (selector: string): string => `
  globalThis.shown = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (!document.querySelector(${JSON.stringify(selector)})) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    });
    observer.observe(document, { childList: true, subtree: true });
  });`;

/** Does something in each of so many frames. @param act in terms of `i`, the frame, and `box`, what the selector finds. */
export const eachFrame = (page: Page, frames: number, selector: string, act: string): Promise<unknown> =>
  page.evaluate(`new Promise((done) => {
    const box = document.querySelector(${JSON.stringify(selector)});
    let i = 0;
    const step = () => {
      if (i === ${frames}) return done();
      ${act};
      i++;
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  })`);

/** Of the page's script, in MB, after what is not needed was thrown away. */
export const heapMb = async (page: Page): Promise<number> => {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.enable");
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize / 1e6;
};
