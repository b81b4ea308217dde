import type { Settings } from "../settings";
import { checkBroker } from "./broker";
import { checkCode, checkPort } from "./code-and-port";
import { checkDatabase } from "./database";
import type { Finding } from "./finding";
import { checkDisk, checkMemory, checkNode, memoryHere } from "./machine";

/** Looks at everything that a start needs, and changes nothing. Findings come as they are made; it never rejects. */
export async function* diagnose(settings: Settings): AsyncGenerator<Finding> {
  yield checkNode(process.versions.node);
  yield checkMemory(settings, memoryHere());
  yield checkDisk(settings);
  yield* checkDatabase(settings);
  yield checkBroker(settings);
  yield checkCode(settings);
  yield checkPort(settings);
}
