import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { built, shipped } from "./store/built";

const SOURCES = ["ui", "client", "package-lock.json"];
/** Of swagger-ui, which draws the API's reference. */
const API_DOCS = ["swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt", "swagger-ui.css", "LICENSE", "NOTICE"];
const COMPRESSED = /\.(js|css|html|svg)$/;
/** Less than this fits into a packet anyway. */
const WORTHWHILE_BYTES = 1_000;

/** Builds the web interface into `dist/ui`, each file also compressed; only where something of it has changed. */
export const buildUi = async (): Promise<void> => {
  const stamp = built("ui.version");
  const version = versionOfSources();
  if (existsSync(built("ui", "index.html")) && existsSync(stamp) && readFileSync(stamp, "utf8") === version) return;
  // Where the sources are, the tools are too; a package that is installed holds neither.
  const { build } = await import("vite");
  await build({ root: shipped("ui"), logLevel: "warn" });
  copyApiDocs(built("ui", "api-docs"));
  await compressAll(built("ui"));
  writeFileSync(stamp, version);
};

/** @param folder which has what is ours of that page already. */
const copyApiDocs = (folder: string): void => {
  const origin = dirname(require.resolve("swagger-ui-dist/package.json"));
  for (const file of API_DOCS) copyFileSync(join(origin, file), join(folder, file));
};

const versionOfSources = (): string => {
  const hash = createHash("sha256");
  for (const source of SOURCES)
    for (const path of filesOf(shipped(source))) hash.update(path.slice(shipped().length)).update(readFileSync(path));
  return hash.digest("hex");
};

const filesOf = (path: string): string[] => {
  if (/\.\w+$/.test(path)) return [path];
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
};

const compressAll = async (folder: string): Promise<void> => {
  const files = filesOf(folder).filter((path) => COMPRESSED.test(path));
  await Promise.all(
    files.map(async (path) => {
      const content = readFileSync(path);
      if (content.length < WORTHWHILE_BYTES) return;
      const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
      writeFileSync(`${path}.br`, await promisify(brotliCompress)(content, quality));
      writeFileSync(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
    }),
  );
};
