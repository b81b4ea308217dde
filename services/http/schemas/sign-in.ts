import { ACCESS_ROLES } from "../../../core/access";
import type { JsonSchema } from "../../../core/json";
import { boolean, integer, nullable, object, oneOf, text } from "./common";

const ME: Record<string, JsonSchema> = {
  kind: oneOf(["local", "key", "session"], "How that is known. `local`: nobody was asked; `session`: by the cookie."),
  id: nullable(text("Of a key: its id.")),
  name: text("Of the key, or the address of the company account."),
  role: oneOf(ACCESS_ROLES, "Each may do what those before it may."),
};

/** Who asks, and how to sign in, by name. */
export const SIGN_IN: Record<string, JsonSchema> = {
  Me: object(ME),
  SignInWays: object({
    required: boolean(),
    next: text("Where the page goes afterwards: a path of this server, whatever it was asked for."),
    company: nullable(text("Host of the company's OpenID provider; null: there is none.")),
    tries_left: integer("Wrong keys that may still come from this address."),
  }),
  SignedIn: object({ ...ME, next: text("Where to go now: a path of this server.") }),
  CompanySignIn: object({ location: text("Where the browser goes now: to the OpenID provider.") }),
};

const next = { ...text("Where to go afterwards; anything but a path of this server is replaced."), maxLength: 8_000 };

export const SIGN_IN_QUERY = { next };

export const KEY_SIGN_IN: JsonSchema = {
  type: "object",
  properties: { key: { ...text("An API key."), minLength: 1, maxLength: 1_000 }, next },
  required: ["key"],
  additionalProperties: false,
};

export const COMPANY_SIGN_IN: JsonSchema = { type: "object", properties: { next }, additionalProperties: false };
