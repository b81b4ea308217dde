import { createHash } from "node:crypto";

/** SHA-256 as hex: indexes over user text hash it, since a B-tree refuses 2,700 bytes. */
export const hashText = (text: string): string => hashSecret(text).toString("hex");

/** What is kept of a secret that was drawn at random: as random as the hash is long, it needs no slow hash. */
export const hashSecret = (secret: string): Buffer => createHash("sha256").update(secret).digest();
