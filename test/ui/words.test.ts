import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { shipped } from "../../store/built";

const NOUNS =
  "attempt|daemon|error|event|failure|field|group|host|item|job|lane|layer|line|match|op|other|process|queue|row|run|sensor|shard|slot|step|tick|time|trie|worker";
/** A value and right behind it a plural: `${n} steps`, `{n} steps`, `<b>{n}</b>{" "} steps`. */
const PLURAL = new RegExp(String.raw`\}(?:</\w+>)?(?: |\{" "\}\s*)(?:${NOUNS})e?s\b(?![=}\]\w])`, "g");
/** Both forms, chosen on the spot: `n === 1 ? "step" : "steps"`. */
const CHOICE = new RegExp(String.raw`=== 1 \? "(\w+)" : "\1e?s"`, "g");

const sources = readdirSync(shipped("ui"), { recursive: true, encoding: "utf8" }).filter((name) =>
  /\.tsx?$/.test(name),
);

/** Where a text says how many there are without `counted`, which knows of one. */
const flaws = (text: string): string[] => [...text.matchAll(PLURAL), ...text.matchAll(CHOICE)].map(([found]) => found);

test("no text of the interface says 1 steps: numbers of things are told by counted", () => {
  expect(sources.length).toBeGreaterThan(100);
  const found = sources.flatMap((name) =>
    flaws(readFileSync(join(shipped("ui"), name), "utf8")).map((flaw) => `${name}: ${flaw}`),
  );
  expect(found).toEqual([]);
});

test.each(["`${n} steps`", "<b>{n}</b> runs", '{count(n)}{" "}\n  lines', 'n === 1 ? "job" : "jobs"'])(
  "%s would be found",
  (text) => {
    expect(flaws(text)).toHaveLength(1);
  },
);
