import type { Middleware } from "moleculer";
import { say } from "../print";
import { colours } from "../colours";

/** Actions that change nothing; those of `$node` tell of nodes, services and events. */
const LOOKS = new Set(["process.describe", "coordinator.owned", "executor.describe", "executor.loads"]);

const looks = (action: string): boolean => action.startsWith("$node.") || LOOKS.has(action);

const INSTEAD =
  "It goes past the API, which asks who you are, what you may do, and writes it down. Use `launch`, `cancel` and the other " +
  "commands here (`help`), or `dqueue` in a shell: both ask the API.";

class NotHere extends Error {
  override readonly name = "NotHere";
  constructor(what: string) {
    super(`${what} is not done from this prompt. ${INSTEAD}`);
    // Of an error, Moleculer's commands show the stack alone.
    this.stack = this.message;
  }
}

const unlessLooking = (action: string): void => {
  if (!looks(action)) throw new NotHere(`Calling ${action}`);
};

type Next = (...given: unknown[]) => unknown;

const refused = (what: string): Promise<void> => {
  say(colours.red(new NotHere(what).message));
  return Promise.resolve();
};

/**
 * A prompt's node looks and changes nothing by itself: whatever the line that asked for it, a call that may change
 * something, an event and a service of its own are refused. Not a wall: who has AMQP_URL can send what they like.
 */
export const looksOnly: Middleware = {
  name: "LooksOnly",
  call: (next: Next) => async (action: string, params: unknown, options: unknown) => {
    unlessLooking(action);
    return next(action, params, options);
  },
  emit: () => (event: string) => refused(`Emitting ${event}`),
  broadcast: () => (event: string) => refused(`Broadcasting ${event}`),
  broadcastLocal:
    (next: Next) =>
    (event: string, ...rest: unknown[]) =>
      event.startsWith("$") ? next(event, ...rest) : refused(`Broadcasting ${event}`),
  createService:
    (next: Next) =>
    (schema: { name?: string }, ...rest: unknown[]) => {
      if (schema.name !== "$node") throw new NotHere("Offering a service");
      return next(schema, ...rest);
    },
} as unknown as Middleware;
