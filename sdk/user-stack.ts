import { basename, dirname, join, sep } from "node:path";

const above = dirname(__dirname);
/** Of this installation; its source maps lead from dist/ to the sources beside it. */
const root = basename(above) === "dist" ? dirname(above) : above;
const OURS = ["dist", "core", "sdk", "runtime"].map((folder) => join(root, folder) + sep);
const OF_THE_LANGUAGE = /[( ]node:|\(<anonymous>\)$/;
/** Files that only a bundle pretends to be. */
const NOWHERE = /__dqueue_\w+__\.js/;
const FRAME = /^ {4}at /;

const isUsers = (line: string): boolean =>
  !OF_THE_LANGUAGE.test(line) && !NOWHERE.test(line) && !OURS.some((folder) => line.includes(folder));

/**
 * The stack of an error down to the frames of the author's code and of the packages that it uses: readers look for
 * their own line among them, not for ours and Node's. Where none is the author's, it is the whole, for whoever
 * searches a fault of ours; an error that is thrown on purpose needs none then.
 */
export const userStack = (stack: string, { onPurpose }: { onPurpose: boolean }): string => {
  const lines = stack.split("\n");
  const ofUser = lines.filter((line) => !FRAME.test(line) || isUsers(line));
  return onPurpose || ofUser.some((line) => FRAME.test(line)) ? ofUser.join("\n") : stack;
};
