import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/**
 * Runs a script of this folder in a process of its own and returns what it prints: inside jest's sandbox, where each
 * global is looked up anew, a schedule takes three times as long. Rejects with its stderr where it fails.
 */
export const runScript = async (name: string, ...args: number[]): Promise<string> => {
  const script = ["--import", "tsx", join(__dirname, name), ...args.map(String)];
  return (await promisify(execFile)(process.execPath, script)).stdout;
};
