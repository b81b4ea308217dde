import { mkdirSync, mkdtempSync, readdirSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type CodeBundle, buildBundle } from "../../runtime/bundle";
import { describeCode } from "../../runtime/describe";
import { watchBundle } from "../../runtime/watch-bundle";

let home: string;
let jobs: string;
let cache: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "dqueue-bundle-")));
  jobs = join(home, "jobs");
  cache = join(home, "cache");
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const write = (files: Record<string, string>, folder = jobs): void => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
};
const jobFile = (name: string, body = "1"): string =>
  `import { op, job } from "dqueue";
   export const ${name} = job("${name}", (g) => { g.call(op({ name: "${name}_op", run: () => ${body} })); });`;
const namesIn = async (location = jobs): Promise<string[]> => {
  const { bundle } = await buildBundle(location, cache);
  return (await describeCode(bundle)).catalog.jobs.map((job) => job.job).sort();
};

describe("a code location", () => {
  test("with an index is what the index exports", async () => {
    write({ "index.ts": `export * from "./a";`, "a.ts": jobFile("a"), "b.ts": jobFile("b") });
    expect(await namesIn()).toEqual(["a"]);
  });

  test("without an index is all of its files", async () => {
    write({ "a.ts": jobFile("a"), "b.js": jobFile("b"), "a.test.ts": jobFile("test"), "types.d.ts": "" });
    expect(await namesIn()).toEqual(["a", "b"]);
  });

  test("may be one file", async () => {
    write({ "a.ts": jobFile("a"), "b.ts": jobFile("b") });
    expect(await namesIn(join(jobs, "b.ts"))).toEqual(["b"]);
  });

  test("has the same version for the same code, wherever it lies, and another for other code", async () => {
    write({ "index.ts": jobFile("a") });
    write({ "index.ts": jobFile("a") }, join(home, "elsewhere", "deeper"));
    const first = (await buildBundle(jobs, cache)).bundle;
    const same = (await buildBundle(join(home, "elsewhere", "deeper"), cache)).bundle;
    expect(same.version).toBe(first.version);
    write({ "index.ts": jobFile("a", "2") });
    expect((await buildBundle(jobs, cache)).bundle.version).not.toBe(first.version);
  });

  test("whose bundle cannot be written says so and what to do, unless it was built ahead", async () => {
    write({ "index.ts": jobFile("a") });
    write({ cache: "no folder" }, home);
    await expect(buildBundle(jobs, cache)).rejects.toMatchObject({
      code: "CODE_NOT_STORED",
      message: expect.stringMatching(/could not be written into .*cache \(EEXIST.*Run `dqueue build` where/s),
    });
  });

  test("stays as it is: nothing is written into it", async () => {
    write({ "index.ts": jobFile("a") });
    await namesIn();
    expect(readdirSync(jobs)).toEqual(["index.ts"]);
    expect(readdirSync(cache)).toHaveLength(1);
  });

  test("finds its own packages, and this installation as dqueue even where another is installed beside it", async () => {
    write({
      "node_modules/their-name/index.js": `module.exports = "from_a_package";`,
      "node_modules/dqueue/index.js": `throw new Error("the wrong dqueue");`,
      "index.ts": `import name from "their-name"; import { op, job } from "dqueue";
                   export const a = job(name, (g) => { g.call(op({ name: "x", run: () => import.meta.url })); });`,
    });
    expect(await namesIn()).toEqual(["from_a_package"]);
  });
});

describe("what is wrong is said with its place", () => {
  test("a location that is missing", async () => {
    await expect(buildBundle(jobs, cache)).rejects.toMatchObject({ code: "CODE_LOCATION_MISSING" });
    await expect(buildBundle(jobs, cache)).rejects.toThrow(/jobs does not exist.*DQUEUE_JOBS/);
  });

  test("a location without code", async () => {
    write({ "notes.txt": "" });
    await expect(buildBundle(jobs, cache)).rejects.toMatchObject({ code: "CODE_LOCATION_EMPTY" });
  });

  test("a syntax error", async () => {
    write({ "index.ts": `export const a = 1;\nexport const b = ;` });
    await expect(buildBundle(jobs, cache)).rejects.toThrow(/index\.ts:2:18: Unexpected ";"/);
  });

  test("a file that is not there", async () => {
    write({ "index.ts": `import "./gone";` });
    await expect(buildBundle(jobs, cache)).rejects.toThrow(/index\.ts:1:\d+: Could not resolve "\.\/gone"/);
  });

  test("code that throws while it is loaded, with the TypeScript line", async () => {
    write({ "index.ts": `interface A { a: 1 }\n\nthrow new Error("not today");` });
    const { bundle } = await buildBundle(jobs, cache);
    await expect(describeCode(bundle)).rejects.toMatchObject({ code: "CODE_LOCATION_BROKEN" });
    await expect(describeCode(bundle)).rejects.toThrow(/not today[^]*index\.ts:3/);
  });

  const broken = async (files: Record<string, string>): Promise<string> => {
    write(files);
    const { bundle } = await buildBundle(jobs, cache);
    return describeCode(bundle).then(
      () => "it is not broken",
      (error: Error) => error.message.replaceAll(jobs, "<jobs>"),
    );
  };

  test("a definition that is refused, with the lines of the author's code alone, however deep it nests", async () => {
    const nested = (depth: number): string =>
      depth === 0 ? "wire(g);" : `g.map(g.call(items), () => {\n${nested(depth - 1)}\n});`;
    const told = await broken({
      "index.ts": `import { dynamic, job, op, z } from "dqueue";
        import { wire } from "./lib/wire";
        const items = op({ name: "items", out: dynamic(z.number()), async *run() {} });
        export const a = job("a", (g) => { ${nested(6)} });`,
      "lib/wire.ts": `import { op, type GraphBuilder } from "dqueue";

        export const wire = (g: GraphBuilder) => {
          g.call(op({ name: "x", run: () => 1 }), undefined, { prio: 1 } as never);
        };`,
    });
    const [sentence, ...frames] = told.split("\n");
    expect(sentence).toMatch(
      /^The code location cannot be loaded: Job "a", op "x", field "prio": there is no such option/,
    );
    expect(frames[0]).toBe("    at wire (<jobs>/lib/wire.ts:4:13)");
    expect(frames.at(-1)).toMatch(/^ {4}at .*<jobs>\/index\.ts:4:\d+\)?$/);
    expect(frames.every((frame) => /^ {4}at .*<jobs>\//.test(frame))).toBe(true);
  });

  test.each<[string, string, RegExp]>([
    [
      "a package that is not installed",
      `import gone from "no-such-package";\nexport const a = gone;`,
      /^[^\n]*: Cannot find module 'no-such-package'\n {4}at .*index\.ts:1:\d+\)$/,
    ],
    [
      "an error with its cause",
      `try {\n  JSON.parse("{");\n} catch (cause) {\n  throw new Error("no settings", { cause });\n}`,
      /^[^\n]*: Error: no settings\n {4}at .*index\.ts:4:\d+\)\ncaused by SyntaxError: .*\n {4}at .*index\.ts:2:\d+\)$/,
    ],
    [
      "what is no error",
      `throw { a: 1 };`,
      /^[^\n]*: a value of type object was thrown instead of an Error: \{"a":1\}$/,
    ],
    [
      "what fails behind the loading",
      `void (async () => {\n  throw new Error("late");\n})();\n${jobFile("a")}`,
      /^[^\n]*: Error: late\n( {4}at .*index\.ts:\d+:\d+\)?\n?)+$/,
    ],
  ])("%s, by the author's lines alone", async (_what, code, message) => {
    expect(await broken({ "index.ts": code })).toMatch(message);
  });

  test("code that never ends loading, that exits, and that exports no job", async () => {
    const described = async (code: string, ms?: number) => {
      write({ "index.ts": code });
      return describeCode((await buildBundle(jobs, cache)).bundle, undefined, ms);
    };
    await expect(described("for (;;);", 500)).rejects.toThrow("longer than 500 ms");
    await expect(described(`console.error("bye"); process.exit(4);`)).rejects.toThrow(/code 4[^]*bye/);
    await expect(described("export const a = 1;")).rejects.toMatchObject({ code: "NO_JOBS" });
  });
});

test("a watch sees files that editors replace by renaming, again and again, also in new folders", async () => {
  write({ "a.ts": jobFile("a") });
  const first = await buildBundle(jobs, cache);
  let told: (() => void) | null = null;
  const watch = watchBundle(jobs, cache, first, { changed: () => told?.(), failed: () => {} });
  const seen = (change: () => void): Promise<void> =>
    new Promise((resolve) => {
      told = resolve;
      change();
    });
  const replace = (file: string, body: string): void => {
    write({ [`${file}~`]: jobFile("a", body) });
    renameSync(join(jobs, `${file}~`), join(jobs, file));
  };
  for (const body of ["2", "3", "4"]) await seen(() => replace("a.ts", body));
  await seen(() => write({ "a.ts": jobFile("a", "5") }));
  await seen(() => write({ "below/b.ts": jobFile("b"), "a.ts": `export * from "./below/b";` }));
  await seen(() => write({ "below/b.ts": jobFile("b", "2") }));
  await watch.close();
});

test("a watch tells of new versions only, and of what broke", async () => {
  write({ "index.ts": `export * from "./lib/a";`, "lib/a.ts": jobFile("a") });
  const first = await buildBundle(jobs, cache);
  let told: (what: CodeBundle | Error) => void = () => undefined;
  const next = (): Promise<CodeBundle | Error> => new Promise((resolve) => (told = resolve));
  const watch = watchBundle(jobs, cache, first, {
    changed: (bundle) => told(bundle),
    failed: (error) => told(error as Error),
  });
  try {
    const changed = next();
    write({ "lib/a.ts": jobFile("a", "2") });
    const second = (await changed) as CodeBundle;
    expect(second.version).not.toBe(first.bundle.version);
    let silent = true;
    void next().then(() => (silent = false));
    write({ "lib/a.ts": jobFile("a", "2") });
    await watch.rebuild();
    expect(silent).toBe(true);
    const broken = next();
    write({ "lib/a.ts": "export const = 1;" });
    expect(String(await broken)).toContain("lib/a.ts:1:14");
    const mended = next();
    write({ "lib/a.ts": jobFile("a") });
    expect(await mended).toMatchObject({ version: first.bundle.version });
  } finally {
    await watch.close();
  }
});
