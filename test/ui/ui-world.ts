import type { Browser, Page } from "playwright-core";
import type { GraphSnapshot } from "../../core/graph";
import { startWorld, type World } from "../api/world";
import { collect, generator, item, job, op } from "../core/graphs";
import { flawsOf, type Look, openWindow, startBrowser } from "../support/browser";
import { DATABASES, type TestDatabase } from "../support/databases";
import { Link } from "../support/link";

const PATIENCE_MS = 30_000;

/** A server with the interface, and a browser that looks at it. */
export interface Ui {
  readonly world: World;
  readonly browser: Browser;
  /** The way from the browser to the server. */
  readonly link: Link;
  /** A page in a window of its own. Complaints of the browser fail the test at `closed`. */
  open(path: string, look?: Look): Promise<Page>;
  /** Closes the test's windows. @throws what the browsers complained of. */
  closed(): Promise<void>;
  stop(): Promise<void>;
}

/** @param options of its server. */
export const startUi = async (options: Parameters<typeof startWorld>[1] = {}): Promise<Ui> => {
  const database: TestDatabase = await DATABASES[0]![1]();
  const [world, browser] = await Promise.all([startWorld(database, options), startBrowser()]);
  const link = new Link(Number(new URL(world.url).port));
  await link.open();
  const windows: Awaited<ReturnType<typeof openWindow>>[] = [];
  return {
    world,
    browser,
    link,
    open: async (path, look) => {
      const opened = await openWindow(browser, look);
      windows.push(opened);
      await opened.page.goto(`http://127.0.0.1:${link.port}${path}`);
      return opened.page;
    },
    closed: async () => {
      const complaints = windows.flatMap(({ complaints }) => complaints);
      await link.open();
      await Promise.all(windows.splice(0).map(({ context }) => context.close()));
      expect(complaints).toEqual([]);
    },
    stop: async () => {
      await browser.close();
      await link.cut();
      await world.stop();
      await database.stop();
    },
  };
};

/** A job of a name: a generator, a map over it, and a collect. */
export const fanOut = (name: string): GraphSnapshot => ({
  ...job(generator("gen"), op("work", { over: ["gen"], in: [item("gen")] }), op("sum", { in: [collect("work")] })),
  job: name,
});

/** Looks for flaws in both themes at once: colours change, structure does not. Windows ask for reduced motion: none moves. */
export const expectNoFlaws = async (page: Page): Promise<void> => {
  expect(await page.evaluate("document.getAnimations().map(({ effect }) => effect.target.outerHTML)")).toEqual([]);
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    expect(await flawsOf(page)).toEqual([]);
  }
};

/** A page repaints when it can: tries what is expected of it again and again, until it holds or this takes too long. */
export const comesTo = async (expectation: () => Promise<void>): Promise<void> => {
  for (const end = performance.now() + PATIENCE_MS; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    try {
      return await expectation();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
  }
};
