import type { Browser, Page } from "playwright-core";
import { median } from "../median";
import type { Servers } from "../servers";
import { eachFrame, heapMb, open, startBrowser } from "./browser";
import { advance, publishWide, seedHeavyRuns, seedLogs, type SeededRun, seedRun } from "./seed";
import { startWebServer, type WebServer } from "./server";
import { quantile, workDuring } from "./trace";

const SIZES = [10_000, 100_000];
const LINES = 100_000;
const HEAVY_RUNS = 800;
const CONFIG_BYTES = 900_000;
const FRAMES = 120;
/** Steps of each that end and begin: three events a step. */
const STEPS_PER_TURN = 4;
const TURN_MS = 120;

interface Frames {
  p50: number;
  p95: number;
}

interface Opening {
  /** The median, and the best: other work on the machine makes some of them slow. */
  ms: number;
  bestMs: number;
  bytes: number;
}

interface RunFigures {
  steps: number;
  open: Opening;
  /** Of the main thread, in ms a frame. */
  zoom: Frames;
  pan: Frames;
  scroll: Frames;
  /** While 100 events a second come: the longest task, and the heap after each minute. */
  streamingLongestTaskMs: number;
  heapMb: number[];
}

/** What the interface does with large runs, in a browser: the main thread's own time, whatever else this machine does. */
export interface UiFigures {
  runs: RunFigures[];
  logs: { lines: number; open: Opening; searchMs: number; scroll: Frames };
  heavyRuns: { runs: number; overview: Opening; list: Opening };
}

/** @param minutes of events, for each size. */
export const measureUi = async (
  servers: Servers,
  { rounds, minutes }: { rounds: number; minutes: number },
  say: (line: string) => void,
): Promise<UiFigures> => {
  const web = await startWebServer(servers);
  const browser = await startBrowser();
  const bench = { web, browser, rounds };
  try {
    await publishWide(web.db);
    const runs: RunFigures[] = [];
    for (const steps of SIZES) {
      runs.push(await measureRun(bench, steps, minutes));
      say(runLine(runs.at(-1)!));
    }
    const logs = await measureLogs(bench);
    say(logLine(logs));
    const heavyRuns = await measureHeavyRuns(bench);
    say(heavyLine(heavyRuns));
    return { runs, logs, heavyRuns };
  } finally {
    await browser.close();
    await web.stop();
  }
};

interface Bench {
  web: WebServer;
  browser: Browser;
  rounds: number;
}

/** Opens it some times, each in a window of its own. @returns the last one, and the medians of all. */
const openings = async ({ browser, web, rounds }: Bench, path: string, selector: string) => {
  const opened = [];
  for (let round = 0; round < rounds; round++) {
    await opened.at(-1)?.close();
    opened.push(await open(browser, web.url + path, selector));
  }
  const { page, close } = opened.at(-1)!;
  const times = opened.map(({ ms }) => ms);
  const bytes = median(opened.map(({ bytes }) => bytes));
  return { page, close, opening: { ms: median(times), bestMs: Math.min(...times), bytes } };
};

const measureRun = async (bench: Bench, steps: number, minutes: number): Promise<RunFigures> => {
  const { id } = await seedRun(bench.web.db, steps);
  const { page, close, opening } = await openings(bench, `/runs/${id}`, ".gnames .g-group");
  const frames = (act: string): Promise<Frames> => framesOf(bench.browser, page, ".gbody", act);
  const zoom = await frames(wheel("ctrlKey", "(i % 60 < 30 ? -1 : 1) * 30"));
  await eachFrame(page, 8, ".gbody", wheel("ctrlKey", "-60"));
  const pan = await frames(wheel("shiftKey", "(i % 60 < 30 ? -1 : 1) * 30"));
  await page.goto(`${bench.web.url}/runs/${id}?open=work`);
  await page.locator(".g-step").nth(5).waitFor();
  const scroll = await frames("box.scrollTop += 400");
  await close();
  return { steps, open: opening, zoom, pan, scroll, ...(await measureStream(bench, steps, minutes)) };
};

const wheel = (key: string, by: string): string =>
  `box.dispatchEvent(new WheelEvent("wheel", { ${key}: true, deltaY: ${by}, clientX: 700, clientY: 400, cancelable: true }))`;

const framesOf = async (browser: Browser, page: Page, selector: string, act: string): Promise<Frames> => {
  const { frames } = await workDuring(browser, page, () => eachFrame(page, FRAMES, selector, act));
  return { p50: quantile(frames, 0.5), p95: quantile(frames, 0.95) };
};

const measureStream = async ({ web, browser }: Bench, steps: number, minutes: number) => {
  const run = await seedRun(web.db, steps, steps * 0.6);
  const { page, close } = await open(browser, `${web.url}/runs/${run.id}`, ".gnames .g-group");
  let longest = 0;
  const heap = [await heapMb(page)];
  for (let minute = 0; minute < Math.max(1, Math.ceil(minutes)); minute++) {
    const { longestTask } = await workDuring(browser, page, () => stream(web, run, Math.min(1, minutes) * 60_000));
    longest = Math.max(longest, longestTask);
    heap.push(await heapMb(page));
  }
  await close();
  return { streamingLongestTaskMs: longest, heapMb: heap };
};

/** 100 events a second, as near as the database keeps up. */
const stream = async (web: WebServer, run: SeededRun, forMs: number): Promise<void> => {
  const end = performance.now() + forMs;
  for (let due = performance.now(); due < end; due += TURN_MS) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    await advance(web.db, run, STEPS_PER_TURN);
    await web.announce(run.id);
  }
};

const measureLogs = async (bench: Bench): Promise<UiFigures["logs"]> => {
  const { id } = await seedRun(bench.web.db, 10);
  await seedLogs(bench.web.db, id, LINES);
  const { page, close, opening } = await openings(bench, `/runs/${id}?tab=logs`, ".lines .lg a");
  const begun = performance.now();
  await page.getByRole("searchbox", { name: "Find in logs" }).fill("needle");
  await page.getByText(`of ${(LINES / 100).toLocaleString("en-US")}`).waitFor();
  const searchMs = performance.now() - begun;
  const scroll = await framesOf(bench.browser, page, ".lines", "box.scrollTop += 300");
  await close();
  return { lines: LINES, open: opening, searchMs, scroll };
};

const measureHeavyRuns = async (bench: Bench): Promise<UiFigures["heavyRuns"]> => {
  await seedHeavyRuns(bench.web.db, HEAVY_RUNS, CONFIG_BYTES);
  const overview = await openings(bench, "/", ".main h1, main h1");
  await overview.close();
  const list = await openings(bench, "/runs", "[role=row] a");
  await list.close();
  return { runs: HEAVY_RUNS, overview: overview.opening, list: list.opening };
};

const ms = (value: number): string => `${value < 100 ? value.toFixed(1) : Math.round(value)} ms`;
const kb = (value: number): string => `${Math.round(value / 1_000)} kB`;
const frames = ({ p50, p95 }: Frames): string => `${ms(p50)} / ${ms(p95)}`;

const opening = ({ ms: median, bestMs, bytes }: Opening): string => `${ms(median)} (best ${ms(bestMs)}; ${kb(bytes)})`;

const runLine = (run: RunFigures): string =>
  `${run.steps.toLocaleString("en-US")} steps: rows after ${opening(run.open)}; a frame (p50 / p95) zooming ` +
  `${frames(run.zoom)}, panning ${frames(run.pan)}, scrolling ${frames(run.scroll)}; at 100 events/s the longest task ` +
  `${ms(run.streamingLongestTaskMs)}, heap ${run.heapMb.map((mb) => mb.toFixed(1)).join(", ")} MB`;

const logLine = ({ lines, open: opened, searchMs, scroll }: UiFigures["logs"]): string =>
  `${lines.toLocaleString("en-US")} log lines: there after ${opening(opened)}, searched in ${ms(searchMs)}, ` +
  `a frame of scrolling ${frames(scroll)}`;

const heavyLine = ({ runs, overview, list }: UiFigures["heavyRuns"]): string =>
  `${runs} runs of 900 kB config: overview after ${opening(overview)}, list after ${opening(list)}`;
