import { ACCESS_ROLES } from "../../../core/access";
import type { JsonSchema } from "../../../core/json";
import { anyObject, integer, nullable, object, oneOf, text, time } from "./common";

const KEY: Record<string, JsonSchema> = {
  id: text("What stands before the dot of the key."),
  name: text(),
  role: oneOf(ACCESS_ROLES, "Each may do what those before it may."),
  created_at: time(),
  expires_at: nullable(time("null: it does not expire.")),
  last_used_at: nullable(time("To the minute; null: never.")),
  revoked_at: nullable(time()),
};

/** Who may use the API, and who did what, by name. */
export const ACCESS: Record<string, JsonSchema> = {
  ApiKey: object(KEY),
  NewApiKey: object({ ...KEY, key: text("What is sent as `Authorization: Bearer <key>`. It is never told again.") }),
  AuditEntry: object({
    id: integer(),
    at: time(),
    actor_kind: oneOf(
      ["local", "key", "session", "database", "setting", "repl"],
      "How that is known. `local`: nobody was asked; `database`: by a command on the database itself; `setting`: by a setting " +
        "of the web server.",
    ),
    actor_id: nullable(text("Of a key: its id.")),
    actor: text("Who did it, by name."),
    role: oneOf(ACCESS_ROLES),
    action: text("The operation's name in this description."),
    object: text("What it was done to: its path under `/api/`."),
    details: anyObject("Further facts. Configs and secrets are none of them."),
    outcome: nullable(
      text("`OK`, or the `code` of the problem. null: it is under way, or its process ended before it could tell."),
    ),
    result: nullable(text("What it made: its path under `/api/`.")),
    address: nullable(text("Where the request came from.")),
    forwarded_for: nullable(text("What its X-Forwarded-For says: anyone may claim that who reaches the server.")),
  }),
};

export const NEW_KEY: JsonSchema = {
  type: "object",
  properties: {
    name: {
      ...{ type: "string", minLength: 1, maxLength: 100, pattern: "\\S", errorMessage: "must not be blank" },
      description: "Whose it is: of a person or a program.",
    },
    role: oneOf(ACCESS_ROLES),
    expires_at: { ...nullable(time()), default: null, description: "In the future; null: it does not expire." },
  },
  required: ["name", "role"],
  additionalProperties: false,
};
