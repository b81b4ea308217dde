import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildUi } from "./build-ui";
import { shipped } from "./store/built";
import { openDatabase } from "./store/database";
import { dataFolder, templatePath } from "./store/embedded";
import { dumpTemplate } from "./store/embedded/engine";
import { ensureSchema } from "./store/migrate";

/** What a build holds beside compiled code; runs from `dist`, after tsc. */
const buildAssets = async (): Promise<void> => {
  chmodSync(join(__dirname, "cli", "main.js"), 0o755);
  await buildTemplate();
  await buildUi();
};

/**
 * An embedded database with this version's schema: a first start waits for neither to be made. Made anew only where what
 * it is made from has changed.
 */
const buildTemplate = async (): Promise<void> => {
  const stamp = `${templatePath()}.version`;
  const version = versionOfTemplate();
  if (existsSync(templatePath()) && existsSync(stamp) && readFileSync(stamp, "utf8") === version) return;
  // Or the new one would begin with it.
  rmSync(templatePath(), { force: true });
  const home = mkdtempSync(join(tmpdir(), "dqueue-template-"));
  try {
    const db = await openDatabase({ home });
    await ensureSchema(db);
    await db.close();
    writeFileSync(templatePath(), await dumpTemplate(dataFolder(home)));
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  writeFileSync(stamp, version);
};

const versionOfTemplate = (): string => {
  const packageFile = join(dirname(require.resolve("@electric-sql/pglite")), "..", "package.json");
  const hash = createHash("sha256").update(readFileSync(packageFile));
  const migrations = shipped("store", "migrations");
  for (const name of readdirSync(migrations).sort()) hash.update(name).update(readFileSync(join(migrations, name)));
  return hash.digest("hex");
};

void buildAssets();
