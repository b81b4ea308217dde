import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { type Block, FAILS, flawsOf, neededBy, NEEDS, pages, PICTURE, readBlocks, STARTS_SERVER } from "./blocks";
import { flawsOfDockerfile, flawsOfMermaid, flawsOfScript } from "./elsewhere";
import { JobProcess } from "./jobs";
import { shows } from "./output";
import { type Beginning, Place } from "./place";
import { complaints, fileOf } from "./types";

/** Pages that begin in this repository; the others begin in a project, its server running. */
const IN_CHECKOUT = ["README.md", "docs/quick-start.md"];

const blocks = new Map(pages().map((page) => [page, readBlocks(page)]));

test("every block of every page says what it is", () => {
  expect(flawsOf([...blocks.values()].flat())).toEqual([]);
});

test("all TypeScript compiles as in an author's project", () => {
  const code = [...blocks.values()].flat().filter(({ language }) => language === "ts");
  expect(code.length).toBeGreaterThan(1);
  expect(complaints(code)).toEqual([]);
});

/** What is drawn is not compared, and TypeScript that cannot run here has been compiled above. */
const isCode = (block: Block): boolean =>
  !block.marks.includes(PICTURE) && !(block.language === "ts" && neededBy(block) !== null);

describe.each([...blocks].filter(([, of]) => of.some(isCode)))("%s", (page, all) => {
  const beginning: Beginning = IN_CHECKOUT.includes(page) ? "checkout" : "project";
  const isTyped = all.some((block) => block.language === "sh" && neededBy(block) === null);
  let place: Place;
  let jobs: JobProcess | null = null;
  let last = "";

  beforeAll(async () => {
    place = await Place.open(beginning);
    if (isTyped && beginning === "project") await place.serve("npx dqueue dev");
  });
  afterAll(async () => {
    await jobs?.end();
    await place?.remove();
  });

  const type = async ({ text, marks }: Block): Promise<void> => {
    const lines = text.trimEnd().split("\n");
    const serving = marks.includes(STARTS_SERVER) ? lines.pop()! : null;
    const { code, stdout, all } = await place.type(lines.join("\n"));
    if ((code !== 0) !== marks.includes(FAILS)) throw new Error(`It ended with ${code}:\n${text}\n${all}`);
    last = serving ? await place.serve(serving) : stdout || all;
  };

  const perform = async (block: Block): Promise<void> => {
    await place.save(fileOf(block), block.text);
    jobs ??= new JobProcess(place.cwd);
    const performed = await jobs.perform(join(place.cwd, fileOf(block)));
    last = performed.flatMap(({ lines }) => lines).join("\n");
    const expected = block.marks.includes(FAILS) ? "FAILURE" : "SUCCESS";
    for (const { status } of performed) if (status !== expected) throw new Error(`A job ended in ${status}:\n${last}`);
  };

  /** What each language asks of its blocks. */
  const checks: Record<string, (block: Block) => unknown> = {
    sh: type,
    ts: perform,
    text: ({ text }) => {
      if (!shows(text, last)) expect(last).toBe(text);
    },
    python: async (block) => {
      const compiled = spawnSync("python3", ["-c", "compile(open(0).read(), 'block', 'exec')"], { input: block.text });
      expect(compiled.stderr.toString()).toBe("");
      await save(block);
    },
    json: async (block) => {
      JSON.parse(block.text);
      await save(block);
    },
    dockerfile: ({ text }) => expect(flawsOfDockerfile(text)).toEqual([]),
    mermaid: ({ text }) => expect(flawsOfMermaid(text)).toEqual([]),
    yaml: async (block) => {
      expect(parseDocument(block.text).errors).toEqual([]);
      await save(block);
    },
  };
  const save = async ({ file, text }: Block): Promise<void> => {
    if (file !== null) await place.save(file, text);
  };

  for (const block of all.filter(isCode)) {
    const { line, language, text } = block;
    const needs = neededBy(block);
    const begins = text.split("\n")[0]!;
    if (needs !== null)
      test(`line ${line} is well-formed; it needs ${NEEDS[needs]}: ${begins}`, () => {
        expect(language === "sh" ? flawsOfScript(text) : flawsOfDockerfile(text)).toEqual([]);
      });
    else
      test(`line ${line} (${language}) does what it says: ${begins}`, () => checks[language]!(block) as Promise<void>);
  }
});
