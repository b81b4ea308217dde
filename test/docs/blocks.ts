import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const ROOT = resolve(__dirname, "../..");

/** The pages whose code is run: README.md and all of docs/. What was once decided is not kept up to date. */
export const pages = (): string[] => [
  "README.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .sort()
    .map((name) => `docs/${name}`),
];

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  /** Of its first line of code, from 1. */
  readonly line: number;
  readonly language: string;
  /** The file that it is, from the project's folder on. */
  readonly file: string | null;
  /** What else its info string says of it. */
  readonly marks: readonly string[];
  readonly text: string;
}

/** What cannot be run where the tests run, by the mark that says so; it is checked in other ways. */
export const NEEDS: Readonly<Record<string, string>> = {
  "needs-docker": "a Docker engine",
  "needs-cluster": "a cluster of Kubernetes or OpenShift",
  "needs-servers": "PostgreSQL and RabbitMQ at the addresses that it names",
  "needs-bucket": "an S3-compatible store",
  "needs-minutes": "far longer than a page's turn",
};

/** Starts the page's server with its last command, which does not end. */
export const STARTS_SERVER = "starts-server";
/** Is no output that a test could compare, but drawn. */
export const PICTURE = "picture";
/** Its jobs end in FAILURE, or its commands with another code than 0. */
export const FAILS = "fails";

/** The languages that there are, and with them what may be said of their blocks. */
const LANGUAGES: Readonly<Record<string, readonly string[]>> = {
  sh: [STARTS_SERVER, FAILS, ...Object.keys(NEEDS)],
  ts: [FAILS, ...Object.keys(NEEDS)],
  text: [PICTURE],
  python: [],
  json: [],
  yaml: [],
  dockerfile: ["needs-docker"],
  mermaid: [],
};

const FENCE = /^( *)(`{3,}|~{3,})([^\n]*)\n([^]*?)^\1\2 *$/gm;

export const blocksOf = (page: string, text: string): Block[] =>
  [...text.matchAll(FENCE)].map((match) => {
    const [, indent, , info, body] = match;
    const [language = "", ...words] = info!.trim().split(/\s+/);
    const code = body!.replaceAll(new RegExp(`^${indent}`, "gm"), "");
    const inComment = /^(?:\/\/|#) (\S+\.\w+)\n/.exec(code)?.[1];
    return {
      page,
      line: text.slice(0, match.index).split("\n").length + 1,
      language,
      file: words.find((word) => word.includes(".")) ?? inComment ?? null,
      marks: words.filter((word) => !word.includes(".")),
      text: code,
    };
  });

export const readBlocks = (page: string): Block[] => blocksOf(page, readFileSync(join(ROOT, page), "utf8"));

/** Why it is not run here, or null. */
export const neededBy = ({ marks }: Block): string | null => marks.find((mark) => mark in NEEDS) ?? null;

/** What an author has to set right: each block says what it is, and output stands below what puts it out. */
export const flawsOf = (blocks: readonly Block[]): string[] =>
  blocks.flatMap((block, index) => {
    const at = `${block.page}:${block.line}`;
    const marks = LANGUAGES[block.language];
    if (block.language === "") return [`${at} has no language: it is one of ${Object.keys(LANGUAGES).join(", ")}`];
    if (!marks) return [`${at} is of a language that nothing checks, ${block.language}`];
    const unknown = block.marks.filter((mark) => !marks.includes(mark));
    const before = blocks[index - 1];
    const follows = before !== undefined && (before.language === "sh" || before.language === "ts");
    return [
      ...unknown.map(
        (mark) => `${at} has an unknown mark, ${mark}: with ${block.language} there are ${marks.join(", ")}`,
      ),
      ...(block.language === "text" && !block.marks.includes(PICTURE) && !follows
        ? [`${at} is output, but of nothing: it stands below a block of sh or ts, or is marked as a ${PICTURE}`]
        : []),
    ];
  });
