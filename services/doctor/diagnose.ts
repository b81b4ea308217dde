import type { Ground } from "../ground";
import type { Settings } from "../settings";
import { checkBroker } from "./broker";
import { checkCode, checkPort, judgeCode } from "./code-and-port";
import { checkDatabase, checkOpenDatabase } from "./database";
import { type Finding, problem } from "./finding";
import { checkSettings } from "./given-settings";
import { checkDisk, checkMemory, checkNode, memoryHere } from "./machine";

/** Looks at everything that a start needs, and changes nothing. Findings come as they are made; it never rejects. */
export async function* diagnose(settings: Settings): AsyncGenerator<Finding> {
  yield checkSettings(settings);
  yield checkNode(process.versions.node);
  yield checkMemory(settings, memoryHere());
  yield checkDisk(settings);
  yield* checkDatabase(settings);
  yield checkBroker(settings);
  yield checkCode(settings);
  yield checkPort(settings);
}

type Started = Pick<Ground, "settings" | "roles" | "db" | "code">;

/**
 * The same of a process that has started, by the database and the code that it uses: what only a start or another role
 * needs is not looked at. It never rejects.
 */
export const diagnoseStarted = async ({ settings, roles, db, code }: Started): Promise<Finding[]> => {
  const findings = [checkSettings(settings), checkNode(process.versions.node)];
  if (roles.includes("worker")) findings.push(checkMemory(settings, memoryHere()));
  findings.push(checkDisk(settings));
  try {
    for await (const finding of checkOpenDatabase(db, settings)) findings.push(finding);
  } catch (error) {
    findings.push(problem("database", error));
  }
  findings.push(await checkBroker(settings));
  if (code) findings.push(judgeCode(settings, code.code));
  return findings;
};
