/** The public door of dqueue: what authors of ops, jobs and sensors import. */
export { z } from "zod";
export type { Json, JsonObject } from "../core/json";
export { DqueueError, type StepError } from "../core/errors";
export type { RetryPolicy } from "../core/graph";
export type { RetryOptions } from "./checks";
export { type Item, type Op, op, type OpDefinition, type OpOptions } from "./op";
export { commandOp, type CommandOptions } from "./command-op";
export { dynamic, optional, stream } from "./schema";
export type { Callable, Collected, Handle, Mapped } from "./handle";
export { graph, job, type JobDefinition, type JobOptions } from "./job";
export type { CallOptions, GraphBuilder } from "./graph-types";
export type { JobHook, JobHookContext, Log, OpContext, OpHookContext } from "./context";
export { resource, type Resource } from "./resource";
export { Failure, RetryRequested } from "./errors";
export type { IoContext, IoManager } from "./io-manager";
export { folderIoManager } from "./folder-io-manager";
export { s3IoManager, type S3Options } from "./s3-io-manager";
export {
  type EndedRun,
  type LatestRun,
  runRequest,
  type RunRequestOptions,
  runStatusSensor,
  type RunStatusSensorOptions,
  sensor,
  type SensorEvaluation,
  type SensorObject,
  type SensorOptions,
  type SensorResult,
  skip,
  type SkipReason,
} from "./sensor";
export { executeInProcess, type InProcessOptions } from "./execute-in-process";
export type { InProcessResult, InProcessStep } from "./in-process-result";
