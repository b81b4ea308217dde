import { createHash } from "node:crypto";

/** SHA-256 as hex: indexes over user text hash it, since a B-tree refuses 2,700 bytes. */
export const hashText = (text: string): string => createHash("sha256").update(text).digest("hex");
