import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** What pages of some addresses ask for first, as the interface says in its `ahead.json`. */
interface Ahead {
  /** Of the address, with its query. */
  path: string;
  /** Addresses of data; `$1` is what the first group of `path` has matched. */
  data: string[];
  /** Sources of what is loaded. */
  modules: string[];
}

/** Chunks by their sources, as the interface's build tells. */
type Manifest = Record<string, { file: string; imports?: string[]; css?: string[] }>;

/** The page of each address starts with this. */
const ENTRY = "index.html";

/**
 * Reads what a browser may ask for as soon as it has the head of a page, instead of after the page's scripts.
 * @param folder of the build.
 * @returns the `link` header for the page of an address; "": nothing is known.
 */
export const readAhead = async (folder: string): Promise<(url: string) => string> => {
  const read = async <T>(name: string): Promise<T> => JSON.parse(await readFile(join(folder, name), "utf8")) as T;
  const manifest = await read<Manifest>("manifest.json");
  const known = (await read<Ahead[]>("ahead.json")).map(({ path, data, modules }) => ({
    path: new RegExp(path),
    data,
    chunks: chunksOf(manifest, modules),
  }));
  return (url) =>
    known
      .flatMap(({ path, data, chunks }) => {
        const match = path.exec(url);
        return match ? [...data.map((address) => dataLink(address.replace("$1", match[1] ?? ""))), ...chunks] : [];
      })
      .join(", ");
};

/** As `fetch` asks for it. */
const dataLink = (address: string): string => `<${address}>; rel=preload; as=fetch; crossorigin`;

/** Links to the chunks of some sources, less what each page names itself. */
const chunksOf = (manifest: Manifest, sources: readonly string[]): string[] => {
  const named = withImports(manifest, [ENTRY]);
  const chunks = [...withImports(manifest, sources)].filter((chunk) => !named.has(chunk));
  return chunks.flatMap((chunk) => {
    const { file, css = [] } = manifest[chunk]!;
    return [`</${file}>; rel=modulepreload`, ...css.map((style) => `</${style}>; rel=preload; as=style; crossorigin`)];
  });
};

/** @throws of a source that is not in the build. */
const withImports = (manifest: Manifest, sources: readonly string[], found = new Set<string>()): Set<string> => {
  for (const source of sources) {
    if (found.has(source)) continue;
    found.add(source);
    withImports(manifest, manifest[source]!.imports ?? [], found);
  }
  return found;
};
