import { readBlocks } from "../docs/blocks";

/** The code blocks of a language in a document. */
export const blocksOf = (document: string, language: string): string[] =>
  readBlocks(document)
    .filter((block) => block.language === language)
    .map(({ text }) => text);

/** The commands of a document's shell blocks, each on one line and without its comment. */
export const commandsOf = (document: string): string[] =>
  blocksOf(document, "sh")
    .flatMap((block) => block.replace(/\\\n\s*/g, "").split("\n"))
    .map((line) => line.replace(/\s+# .*$/, "").trim())
    .filter((line) => line !== "");
