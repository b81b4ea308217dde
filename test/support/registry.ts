import { spawnSync } from "node:child_process";

const NOT_AVAILABLE =
  "NOT RUN: the tests of the installed package. npm reaches no registry to install what it needs from.";

const isAvailable = (): boolean => spawnSync("npm", ["view", "commander", "version"], { stdio: "ignore" }).status === 0;

/**
 * `describe` for tests that install packages. Where npm reaches no registry it says loudly what is not run; with CI=true it
 * is a failing test instead.
 */
export const describeWithRegistry = (name: string, tests: () => void): void => {
  if (isAvailable()) return describe(name, tests);
  if (process.env.CI === "true") {
    return describe(name, () => {
      test("reaches a registry", () => {
        throw new Error(NOT_AVAILABLE);
      });
    });
  }
  process.stderr.write(`\n${"!".repeat(100)}\n${NOT_AVAILABLE}\n  ${name}\n${"!".repeat(100)}\n`);
  return describe.skip(name, tests);
};
