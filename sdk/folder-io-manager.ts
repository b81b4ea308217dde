import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import type { Json } from "../core/json";
import { checkName } from "./checks";
import { DqueueError } from "../core/errors";
import type { IoManager } from "./io-manager";
import type { OptionNames } from "./options";
import { checkOptions } from "./options";
import { bytesOf, storageKey, valueOf } from "./io-manager";

interface FolderOptions {
  path: string;
  name?: string;
}

const FOLDER_OPTIONS: OptionNames<FolderOptions> = { path: true, name: true };

/**
 * Keeps values as files under a folder that all workers share (NFS, a mounted volume). Bytes (Buffer, Uint8Array) are
 * kept as they are, all else as JSON.
 */
export const folderIoManager = (options: FolderOptions): IoManager => {
  checkOptions(options, FOLDER_OPTIONS, {}, "ioManager");
  const name = options.name ?? "folder";
  checkName(name, {}, "ioManager.name");
  const root = resolve(options.path);
  return {
    name,
    store: async (context, value) => {
      const { form, bytes } = bytesOf(value);
      const key = storageKey(context, form);
      const file = join(root, key);
      await mkdir(dirname(file), { recursive: true });
      await writeWhole(file, bytes);
      return { key, form, size: bytes.length };
    },
    load: async (_context, handle) => {
      const { key, form } = handle as { key: string; form: Json };
      const file = resolve(root, key);
      if (!file.startsWith(root + sep))
        throw new DqueueError("BAD_IO_HANDLE", `The IO manager "${name}" keeps nothing outside of its folder: ${key}`);
      return valueOf(form, await readFile(file));
    },
  };
};

/** A reader sees the whole file or none: it appears by rename, once its bytes are on the disk. */
const writeWhole = async (file: string, bytes: Uint8Array): Promise<void> => {
  const temporary = `${file}.part`;
  const handle = await open(temporary, "w");
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
};
