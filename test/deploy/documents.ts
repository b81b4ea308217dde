import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./image";

/** The code blocks of a language in a document. */
export const blocksOf = (document: string, language: string): string[] =>
  [...readFileSync(join(ROOT, document), "utf8").matchAll(/^```(\w+)\n(.*?)^```/gms)]
    .filter(([, of]) => of === language)
    .map(([, , text]) => text!);

/** The commands of a document's shell blocks, each on one line and without its comment. */
export const commandsOf = (document: string): string[] =>
  blocksOf(document, "sh")
    .flatMap((block) => block.replace(/\\\n\s*/g, "").split("\n"))
    .map((line) => line.replace(/\s+# .*$/, "").trim())
    .filter((line) => line !== "");
