import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Block, ROOT } from "./blocks";

/** Where a block of TypeScript stands in its project. */
export const fileOf = ({ file, line }: Block): string => file ?? `examples/line-${line}.ts`;

/**
 * Compiles all TypeScript of all pages as an author's project would, with the settings of `dqueue init` and the types of
 * the package as it is built.
 *
 * @returns the compiler's complaints, each with the place in the page.
 */
export const complaints = (blocks: readonly Block[]): string[] => {
  const folder = mkdtempSync(join(tmpdir(), "dqueue-docs-types-"));
  try {
    cpSync(join(ROOT, "init/tsconfig.json"), join(folder, "tsconfig.json"));
    const modules = join(folder, "node_modules");
    mkdirSync(modules);
    symlinkSync(ROOT, join(modules, "dqueue"));
    symlinkSync(join(ROOT, "node_modules/@types"), join(modules, "@types"));
    const origins = lay(blocks, folder);
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    const include = ["--pretty", "false", "-p", "tsconfig.json"];
    const { status, stdout } = spawnSync(process.execPath, [tsc, ...include], { cwd: folder, encoding: "utf8" });
    if (status === 0) return [];
    return stdout
      .trim()
      .split("\n")
      .map((text) =>
        text.replace(/^(\S+)\((\d+),(\d+)\)/, (all, path: string, line: string, column: string) => {
          const block = origins.get(path);
          return block ? `${block.page}:${block.line + Number(line) - 1}:${column}` : all;
        }),
      );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Writes the blocks, each page into a project; where a page writes a file anew, into one that goes on from there. */
const lay = (blocks: readonly Block[], folder: string): Map<string, Block> => {
  const origins = new Map<string, Block>();
  const projects = new Map<string, { count: number; files: Map<string, Block> }>();
  for (const block of blocks) {
    const known = projects.get(block.page) ?? { count: 1, files: new Map<string, Block>() };
    projects.set(block.page, known);
    const file = fileOf(block);
    if (known.files.has(file)) {
      known.count++;
      // What is no file is not kept by whoever follows the page.
      for (const [path, { file: kept }] of known.files) if (kept === null) known.files.delete(path);
    }
    known.files.set(file, block);
    // `jobs` and `test` are what the project's settings include.
    for (const [path, of] of known.files) {
      const at = join("jobs", block.page.replaceAll("/", "-"), String(known.count), path);
      if (origins.has(at)) continue;
      origins.set(at, of);
      mkdirSync(dirname(join(folder, at)), { recursive: true });
      writeFileSync(join(folder, at), of.text);
    }
  }
  for (const [page, { count }] of projects)
    for (let i = 1; i <= count; i++)
      cpSync(join(ROOT, "init/jobs"), join(folder, "jobs", page.replaceAll("/", "-"), String(i), "jobs"), {
        recursive: true,
        force: false,
      });
  return origins;
};
