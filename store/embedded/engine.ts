import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { PGlite, type PGliteOptions } from "@electric-sql/pglite";
import { DqueueError } from "../../core/errors";

/** PostgreSQL's major version inside the pinned PGlite. */
const MAJOR_VERSION = "18";

const SETTINGS = ["max_wal_size=64MB", "min_wal_size=32MB", "jit=off", "shared_buffers=32MB"];

const options = (): PGliteOptions => ({
  startParams: [...PGlite.defaultStartParams, ...SETTINGS.flatMap((setting) => ["-c", setting])],
  initDbStartParams: ["--wal-segsize=1"],
});

/**
 * Opens the database in `folder`; makes one there first where there is none, from the template if that exists.
 * Fails with EMBEDDED_VERSION or EMBEDDED_DAMAGED where the folder holds something else.
 */
export const openEngine = async (folder: string, template: string | null): Promise<PGlite> => {
  if (isEmpty(folder)) await initialise(folder, template);
  checkVersion(folder);
  return PGlite.create({ ...options(), dataDir: folder });
};

/** The database in `folder`, which nobody has open, as a gzipped tarball: for `template`. */
export const dumpTemplate = async (folder: string): Promise<Uint8Array> => {
  const engine = await PGlite.create({ ...options(), dataDir: folder });
  try {
    return new Uint8Array(await (await engine.dumpDataDir("gzip")).arrayBuffer());
  } finally {
    await engine.close();
  }
};

const isEmpty = (folder: string): boolean => !existsSync(folder) || readdirSync(folder).length === 0;

/** Made under another name and then renamed: a start that is killed half-way leaves no half database behind. */
const initialise = async (folder: string, template: string | null): Promise<void> => {
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  const loadDataDir = template !== null && existsSync(template) ? new Blob([readFileSync(template)]) : undefined;
  const engine = await PGlite.create({ ...options(), dataDir: fresh, ...(loadDataDir && { loadDataDir }) });
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
};

const checkVersion = (folder: string): void => {
  const file = join(folder, "PG_VERSION");
  if (!existsSync(file))
    throw new DqueueError(
      "EMBEDDED_DAMAGED",
      `The folder ${folder} holds files but no database (there is no PG_VERSION in it). ` +
        `Move it away, or name another home with DQUEUE_HOME.`,
    );
  const found = readFileSync(file, "utf8").trim();
  if (found !== MAJOR_VERSION)
    throw new DqueueError(
      "EMBEDDED_VERSION",
      `The database in ${folder} was made by PostgreSQL ${found}; this dqueue has PostgreSQL ${MAJOR_VERSION} built in ` +
        `and cannot read it. Use the dqueue that made it, or name another home with DQUEUE_HOME.`,
    );
};
