import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { SETTINGS } from "../../services/setting-table";
import { type Ended, follow, type Running } from "../cli/command";

const ROOT = resolve(__dirname, "../..");
const INSTALL = ["install", "--no-audit", "--no-fund", "--prefer-offline"];

/** The package as others get it: packed, and installed into a folder outside of the repository. */
export interface Installed {
  readonly tarball: string;
  /** The folder that it was installed into. */
  readonly folder: string;
  start(folder: string, program: string, ...args: string[]): Running;
  run(folder: string, program: string, ...args: string[]): Promise<Ended>;
  /** Installs what the package.json of a folder says, on top of what was installed before. */
  installIn(folder: string): Promise<void>;
  remove(): Promise<void>;
}

/** No settings of whoever runs the tests, and no colours, which jest demands of its processes. */
const environment = (): NodeJS.ProcessEnv => {
  const { FORCE_COLOR: _, ...env } = process.env;
  for (const setting of Object.keys(SETTINGS)) delete env[setting];
  return { ...env, NO_COLOR: "1", PORT: "0", METRICS_PORT: "0" };
};

export const installPackage = async (): Promise<Installed> => {
  const place = mkdtempSync(join(tmpdir(), "dqueue-package-"));
  const folder = join(place, "empty");
  mkdirSync(folder);
  const started: ChildProcess[] = [];
  const start = (cwd: string, program: string, ...args: string[]): Running => {
    // A group of its own: npm starts a shell, which starts what is meant.
    const child = spawn(program, args, {
      ...{ cwd, env: environment(), detached: true },
      stdio: ["ignore", "pipe", "pipe"],
    });
    started.push(child);
    return follow(child);
  };
  const run = (cwd: string, program: string, ...args: string[]): Promise<Ended> => start(cwd, program, ...args).ended();
  const must = async (cwd: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(cwd, "npm", ...args);
    if (code !== 0) throw new Error(`npm ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
    return stdout;
  };
  // It was built before the tests, which need it as well.
  const packed = await must(ROOT, "pack", "--ignore-scripts", "--silent", "--pack-destination", folder);
  const tarball = packed.trim();
  await must(folder, ...INSTALL, `./${tarball}`);
  return {
    ...{ tarball, folder, start, run },
    installIn: async (project) => {
      // What there is comes along, so that no package is installed twice.
      renameSync(join(folder, "node_modules"), join(project, "node_modules"));
      await must(project, ...INSTALL);
    },
    remove: async () => {
      for (const { pid, exitCode, signalCode } of started)
        if (exitCode === null && signalCode === null) process.kill(-pid!, "SIGKILL");
      rmSync(place, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
};
