import { readFileSync } from "node:fs";
import { shipped } from "../store/built";

/** Of this package. */
export const packageVersion = (): string =>
  (JSON.parse(readFileSync(shipped("package.json"), "utf8")) as { version: string }).version;
