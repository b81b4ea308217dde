import { Errors } from "moleculer";
import { DqueueError } from "../core/errors";

/**
 * A DqueueError as Moleculer carries it between nodes: its code as `type`, its details as `data`. Meant for a service's
 * `hooks.error`: what callers act on survives the wire, anything else passes as it is.
 */
export const toWire = (error: unknown): unknown =>
  error instanceof DqueueError ? new Errors.MoleculerError(error.message, 400, error.code, error.details) : error;

/** The DqueueError that a call failed with, here or on another node; null: it is none of ours. */
export const fromWire = (error: unknown): DqueueError | null => {
  if (error instanceof DqueueError) return error;
  if (!(error instanceof Errors.MoleculerError) || typeof error.type !== "string" || error.code !== 400) return null;
  return new DqueueError(error.type, error.message, { ...(error.data as DqueueError["details"]) });
};
