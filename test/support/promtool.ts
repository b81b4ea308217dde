import { spawnSync } from "node:child_process";

const promtool = process.env.PROMTOOL_PATH ?? "promtool";

const NOT_AVAILABLE =
  "NOT RUN: the tests by promtool. It is not in the PATH (Debian's package prometheus has it); PROMTOOL_PATH may name it.";

const isAvailable = (): boolean => spawnSync(promtool, ["--version"]).status === 0;

/**
 * `describe` for tests by Prometheus' own tool. Where there is none it says loudly what is not run; with CI=true it is a
 * failing test instead.
 */
export const describeWithPromtool = (name: string, tests: () => void): void => {
  if (isAvailable()) return describe(name, tests);
  if (process.env.CI === "true") {
    return describe(name, () => {
      test("has promtool", () => {
        throw new Error(NOT_AVAILABLE);
      });
    });
  }
  process.stderr.write(`\n${"!".repeat(100)}\n${NOT_AVAILABLE}\n  ${name}\n${"!".repeat(100)}\n`);
  return describe.skip(name, tests);
};

/** Runs it. @returns its exit code and all that it says. */
export const runPromtool = (args: string[], input = ""): { code: number | null; said: string } => {
  const { status, stdout, stderr } = spawnSync(promtool, args, { input, encoding: "utf8" });
  return { code: status, said: stdout + stderr };
};
