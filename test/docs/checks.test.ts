import { blocksOf, flawsOf } from "./blocks";
import { flawsOfDockerfile, flawsOfMermaid, flawsOfScript } from "./elsewhere";
import { shows } from "./output";
import { complaints } from "./types";

const blocks = (text: string) => blocksOf("page.md", text);
const fenced = (info: string, text = "true\n") => `\`\`\`${info}\n${text}\`\`\`\n`;

describe("the pages' blocks", () => {
  test("know their place, language, file and marks, also where they are indented", () => {
    expect(blocks(`# Page\n\n  ${fenced("sh fails", "  ls\n  ")}`)).toMatchObject([
      { line: 4, language: "sh", file: null, marks: ["fails"], text: "ls\n" },
    ]);
    expect(blocks(fenced("ts jobs/one.ts"))).toMatchObject([{ file: "jobs/one.ts", marks: [] }]);
    expect(blocks(fenced("yaml", "# values.yaml\na: 1\n"))).toMatchObject([{ file: "values.yaml" }]);
  });

  test.each([
    ["", /^page.md:2 has no language/],
    ["fortran", /^page.md:2 is of a language that nothing checks/],
    ["sh needs-luck", /^page.md:2 has an unknown mark, needs-luck/],
    ["json fails", /unknown mark, fails/],
    ["text", /^page.md:2 is output, but of nothing/],
  ])("of no known kind are found: %p", (info, flaw) => {
    expect(flawsOf(blocks(fenced(info)))).toEqual([expect.stringMatching(flaw)]);
  });

  test("of known kinds have no flaws", () => {
    const page = ["sh", "text", "ts jobs/one.ts", "text", "sh needs-docker", "text picture", "json"];
    expect(flawsOf(blocks(page.map((info) => fenced(info)).join("\n")))).toEqual([]);
  });
});

describe("output that a page shows", () => {
  test.each([
    ["a  b\n", "a b\n\n", true],
    ["took … ms\n", "took 12 ms\n", true],
    ["took … ms\n", "took 12\nms\n", false],
    ["first\n…\nlast\n", "first\nlast\n", true],
    ["first\n…\nlast\n", "first\n2\n3\nlast\n", true],
    ["first\n…\nlast\n", "first\n2\n", false],
    ["a.b\n", "aXb\n", false],
    ["one\n", "one\ntwo\n", false],
  ])("%j of %j: %p", (expected, actual, same) => {
    expect(shows(expected, actual)).toBe(same);
  });
});

describe("scripts that cannot be run here", () => {
  test.each([
    ["if true; do\n", /syntax error/],
    ["npx dqueue runs --limited 3\n", /dqueue runs has no option --limited/],
    ["npx dqueue jobs\nA=1 dqueue run x --wiat\n", /dqueue run has no option --wiat/],
    ["docker compose exec webserver dqueue runz\n", /there is no command runz/],
    ["npm run chekc  # all of it\n", /no script chekc/],
  ])("are found to be wrong: %j", (script, flaw) => {
    expect(flawsOfScript(script)).toEqual([expect.stringMatching(flaw)]);
  });

  test("are found to be right", () => {
    const script = `docker build -t dqueue . && docker push dqueue
HOST=0.0.0.0 npx dqueue start webserver   # --any
npx dqueue runs cancel --filter 'status:queued -job:x' \\
  --yes
npx dqueue runs -n 3
npm ci && npm test
`;
    expect(flawsOfScript(script)).toEqual([]);
  });
});

test("what is no Dockerfile, or no diagram, is found", () => {
  expect(flawsOfDockerfile("# mine\nFROM a\nRUN b && \\\n  c\n")).toEqual([]);
  expect(flawsOfDockerfile("FROM a\nRAN b\n")).toEqual(["RAN b"]);
  expect(flawsOfMermaid("flowchart LR\n    a --> b\n")).toEqual([]);
  expect(flawsOfMermaid("flow LR\n    a --> b\n")).toHaveLength(1);
});

test("TypeScript is compiled with the types of the package, and faults are told by their place in the page", () => {
  const page = blocks(
    [
      fenced("ts jobs/a.ts", 'import { op } from "dqueue";\nexport const a = op({ name: "a", run: () => 1 });\n'),
      fenced("ts", 'import { a } from "../jobs/a";\nexport const b: string = a;\n'),
      // Written anew: what stands above is still compiled with the one before.
      fenced("ts jobs/a.ts", "export const c = 1;\n"),
      fenced("ts", 'import { a } from "../jobs/a";\nexport const d = a;\n'),
    ].join("\n"),
  );
  expect(complaints(page)).toEqual([
    expect.stringMatching(/^page\.md:8:14: error TS2322/),
    expect.stringMatching(/^page\.md:16:10: error TS2305/),
  ]);
});
