/** The public door of dqueue: what authors of ops, jobs and sensors import. */
export { z } from "zod";
export type { Json, JsonObject } from "../core/json";
export { DqueueError, type StepError } from "../core/errors";
export { type Item, op, type OpDefinition, type OpOptions } from "./op";
export { dynamic, optional, stream } from "./schema";
export type { Collected, Handle, Mapped } from "./handle";
export { graph, job, type JobDefinition, type JobOptions } from "./job";
export type { CallOptions, GraphBuilder } from "./graph-builder";
export type { JobHook, JobHookContext, Log, OpContext, OpHookContext } from "./context";
export { resource, type Resource } from "./resource";
export { Failure, RetryRequested } from "./errors";
export type { IoContext, IoManager } from "./io-manager";
