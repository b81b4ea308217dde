import type { SensorAnswer, SensorContext } from "../core/sensing";
import type { CodeBundle } from "./bundle";
import { type AskOptions, CodeProcess } from "./code-process";
import { DEFAULT_SECRETS } from "./process-secrets";

/** Processes that wait for the next evaluation; more are started while more evaluations run. */
const KEPT = 2;

/** Evaluates sensors in child processes: one evaluation at a time in each, so that ending one disturbs no other. */
export class SensorProcesses {
  private idle: CodeProcess[] = [];
  private readonly busy = new Set<CodeProcess>();

  constructor(
    private bundle: CodeBundle,
    private readonly output: (text: string) => void,
    private readonly secrets = DEFAULT_SECRETS,
  ) {}

  /** Throws what the sensor threw, USER_CODE_TIMEOUT, USER_CODE_CRASHED or UNKNOWN_SENSOR. */
  evaluate = async (sensor: string, context: SensorContext, options: AskOptions): Promise<SensorAnswer> => {
    const process = this.take();
    this.busy.add(process);
    const question = { type: "evaluate", sensor, context, listen: options.heard !== undefined } as const;
    try {
      return await process.ask<SensorAnswer>(question, `Sensor "${sensor}"`, options);
    } finally {
      this.busy.delete(process);
      const keep = process.alive && process.bundle.version === this.bundle.version && this.idle.length < KEPT;
      if (keep) this.idle.push(process);
      else process.kill();
    }
  };

  /** From the next evaluation on; those under way end with the code that they began with. */
  useCode(bundle: CodeBundle): void {
    if (bundle.version === this.bundle.version) return;
    this.bundle = bundle;
    for (const process of this.idle.splice(0)) process.kill();
  }

  /** Ends every process; evaluations under way fail. */
  stop(): void {
    for (const process of [...this.idle.splice(0), ...this.busy]) process.kill();
  }

  private take(): CodeProcess {
    for (let process = this.idle.pop(); process; process = this.idle.pop()) if (process.alive) return process;
    return new CodeProcess(this.bundle, this.secrets, this.output);
  }
}
