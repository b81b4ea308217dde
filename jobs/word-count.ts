import { opendir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { dynamic, Failure, job, op, stream, z } from "dqueue";

const TEXTS = new Set([".txt", ".md", ".rst"]);
/** A word: a maximal run of letters, of any script. */
const WORD = /\p{L}+/gu;

const file = z.object({ path: z.string() });
/** Counts as pairs and not as a record: a word may be `__proto__`-like, and pairs keep their order. */
const counts = z.array(z.tuple([z.string(), z.number().int()]));

export const findFiles = op({
  name: "find_files",
  description: "Finds the .txt, .md and .rst files under a folder, in order of their paths",
  config: z.object({ folder: z.string().min(1).describe("Folder to search, with all folders below it") }),
  out: dynamic(file),
  async *run({ config, log }) {
    const paths: string[] = [];
    for await (const path of textsUnder(config.folder)) paths.push(path);
    paths.sort((a, b) => (a < b ? -1 : 1));
    log(`${paths.length} files under ${config.folder}`);
    // Paths are no mapping keys (slashes, dots, any length): the position is.
    for (const [index, path] of paths.entries()) yield { key: String(index), value: { path } };
  },
});

export const countWords = op({
  name: "count_words",
  description: "Counts the words of one file",
  in: file,
  out: counts,
  // A read from a shared folder may fail for a moment.
  retry: { maxRetries: 3, delayMs: 200, backoff: "exponential", jitter: "full" },
  timeoutMs: 120_000,
  run: async ({ input }) => {
    const found = new Map<string, number>();
    for (const word of (await readFile(input.path, "utf8")).match(WORD) ?? []) {
      const lower = word.toLowerCase();
      found.set(lower, (found.get(lower) ?? 0) + 1);
    }
    return [...found];
  },
});

export const mergeCounts = op({
  name: "merge_counts",
  description: "Adds up the counts of all files",
  config: z.object({ top: z.number().int().positive().max(10_000).default(10).describe("How many words to show") }),
  // A stream: the counts of all files together may be larger than an input may be.
  in: stream(counts),
  out: z.object({
    files: z.number().int(),
    words: z.number().int(),
    distinct: z.number().int(),
    top: z.array(z.object({ word: z.string(), count: z.number().int() })),
  }),
  run: async ({ input, config }) => {
    const total = new Map<string, number>();
    let files = 0;
    let words = 0;
    for await (const perFile of input) {
      files++;
      for (const [word, count] of perFile) {
        words += count;
        total.set(word, (total.get(word) ?? 0) + count);
      }
    }
    const top = [...total]
      .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      .slice(0, config.top)
      .map(([word, count]) => ({ word, count }));
    return { files, words, distinct: total.size, top };
  },
});

/** Counts the words of all texts under a folder: one step a file. */
export const wordCount = job("word_count", { description: "Counts the words of the texts under a folder" }, (g) => {
  const files = g.call(findFiles);
  g.call(mergeCounts, g.collect(g.map(files, countWords)));
});

/** Links are not followed: they may lead in circles, or out of the folder. */
async function* textsUnder(folder: string): AsyncGenerator<string> {
  for (const pending = [folder]; pending.length > 0;) {
    const here = pending.pop()!;
    for await (const entry of await openFolder(here, folder)) {
      const path = join(here, entry.name);
      if (entry.isDirectory()) pending.push(path);
      else if (entry.isFile() && TEXTS.has(extname(entry.name).toLowerCase())) yield path;
    }
  }
}

const openFolder = async (here: string, root: string) => {
  try {
    return await opendir(here);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const missing = here === root && (code === "ENOENT" || code === "ENOTDIR");
    if (!missing) throw error;
    throw new Failure(`There is no folder ${root} on this worker (config.folder, seen from ${process.cwd()})`, {
      retryable: false,
      cause: error,
    });
  }
};
