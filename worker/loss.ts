import type { StepError } from "../core/errors";
import type { ChildExit } from "./step-child";

/** What is recorded of a step that its process has taken with it. `heapMb`: as the process was started with. */
export const lossOf = (step: string, { code, signal, lastWords }: ChildExit, heapMb: number | null): StepError => {
  const lost = (code: string, message: string): StepError => ({ name: "StepLost", code, message });
  if ((signal === "SIGABRT" || code === 134) && lastWords.includes("heap out of memory")) {
    return lost(
      "OUT_OF_MEMORY",
      `Step "${step}" exceeded the memory limit of its step process, ${heapLimit(heapMb)}. Have it hold less at a time, or raise DQUEUE_STEP_MEMORY_MB.`,
    );
  }
  if (signal === "SIGKILL") {
    return lost(
      "STEP_LOST",
      `The process of step "${step}" was killed by SIGKILL, as the system does when memory runs out.`,
    );
  }
  if (signal) return lost("STEP_LOST", `The process of step "${step}" was ended by ${signal}.`);
  return lost(
    "STEP_LOST",
    `The process of step "${step}" exited with code ${code} while the step ran (process.exit was called?).`,
  );
};

const heapLimit = (heapMb: number | null): string =>
  heapMb === null ? "the heap that Node allows by itself" : `${heapMb} MB of heap`;
