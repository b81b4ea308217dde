/** The door for authors' tests: jobs and sensors in the test's own process, or a whole server for it. */
export { executeInProcess, type InProcessOptions } from "../sdk/execute-in-process";
export type { InProcessResult, InProcessStep } from "../sdk/in-process-result";
export { evaluateInProcess, type SensorTick, type SensorTickOptions } from "../sdk/evaluate-in-process";
export { startServer, type TestServer, type TestServerOptions } from "./server";
