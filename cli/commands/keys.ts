import type { Command } from "commander";
import type { AccessRole, ApiKey } from "../../client";
import { ACCESS_ROLES } from "../../core/access";
import { DqueueError } from "../../core/errors";
import { type DatabaseKeys, withDatabaseKeys } from "../../services/database-keys";
import { readSettings } from "../../services/settings";
import { colours } from "../colours";
import { connect } from "../connect";
import { EXIT, usageError } from "../exit";
import { inOneLine, printJson, say, tell } from "../print";
import { type Column, printTable } from "../table";
import { shortTime } from "../times";
import { refuseWords } from "../words";

interface Flags {
  json?: true;
}

/** Straight in the database, but for one whose server is elsewhere or that a server holds. */
const withKeys = async <T>(work: (keys: DatabaseKeys) => Promise<T>): Promise<T> => {
  const settings = readSettings();
  const served = settings.told.some(({ name, origin }) => name === "DQUEUE_URL" && origin !== "default");
  if (settings.databaseUrl === null && served) return work(connect().keys);
  try {
    return await withDatabaseKeys(settings, work);
  } catch (error) {
    if (error instanceof DqueueError && error.code === "HOME_IN_USE") return work(connect().keys);
    throw error;
  }
};

const stateOf = ({ revoked_at, expires_at }: ApiKey): "revoked" | "expired" | "" => {
  if (revoked_at !== null) return "revoked";
  return expires_at !== null && Date.parse(expires_at) <= Date.now() ? "expired" : "";
};

const COLUMNS: Column<ApiKey>[] = [
  { title: "KEY", text: ({ id }) => id },
  { title: "NAME", text: ({ name }) => inOneLine(name), flexible: true },
  { title: "ROLE", text: ({ role }) => role },
  { title: "CREATED", text: ({ created_at }) => shortTime(created_at), optional: true },
  { title: "LAST USE", text: ({ last_used_at }) => (last_used_at ? shortTime(last_used_at) : "never") },
  { title: "EXPIRES", text: ({ expires_at }) => (expires_at ? shortTime(expires_at) : "never") },
  { title: "STATE", text: stateOf, paint: colours.red },
];

export const list = async (words: string[], { json }: Flags, command: Command): Promise<number> => {
  refuseWords(words, command);
  const { items } = await withKeys((keys) => keys.list());
  if (json) printJson({ items });
  else if (items.length === 0)
    say("There are no API keys. `dqueue keys create --name me --role admin` makes the first one.");
  else printTable(COLUMNS, items);
  return EXIT.ok;
};

interface CreateFlags extends Flags {
  name: string;
  role: string;
  expires?: string;
  ifNone?: true;
}

export const create = async ({ json, name, role, expires, ifNone }: CreateFlags): Promise<number> => {
  const wanted = { name: readName(name), role: readRole(role), expires_at: readExpiry(expires) };
  const made = await withKeys(async (keys) => {
    if (ifNone && (await keys.list()).items.some((key) => stateOf(key) === "")) return null;
    return keys.create(wanted);
  });
  if (json) printJson(made ?? { key: null });
  else if (made === null) tell("There is an API key already: none was made.");
  else {
    say(made.key);
    tell(
      `This key of ${inOneLine(name)} (${role}) ${made.expires_at ? `opens until ${made.expires_at}` : "does not expire"}. ` +
        "It is not shown again. Commands take it from DQUEUE_API_KEY, other programs send it as " +
        "`Authorization: Bearer <key>`.",
    );
  }
  return EXIT.ok;
};

const MAX_NAME = 100;

const readName = (given: string): string => {
  const name = given.trim();
  if (name.length > 0 && name.length <= MAX_NAME) return name;
  throw usageError(`--name must be 1 to ${MAX_NAME} characters.`);
};

const readRole = (given: string): AccessRole => {
  const role = ACCESS_ROLES.find((known) => known === given);
  if (role) return role;
  throw usageError(`--role must be ${ACCESS_ROLES.join(", ")}; got "${given}".`);
};

const HOURS = { h: 1, d: 24, w: 7 * 24 } as const;

/** The moment after so many hours, days or weeks. */
const readExpiry = (given: string | undefined): string | null => {
  if (given === undefined) return null;
  const [, count, unit] = /^([1-9]\d{0,3})([hdw])$/.exec(given) ?? [];
  if (count === undefined)
    throw usageError(`--expires must be hours, days or weeks, e.g. 12h, 90d or 4w; got "${given}".`);
  const hours = Number(count) * HOURS[unit as keyof typeof HOURS];
  return new Date(Date.now() + hours * 3_600_000).toISOString();
};

export const revoke = async (id: string, { json }: Flags): Promise<number> => {
  const key = await withKeys((keys) => keys.revoke(id));
  if (json) printJson(key);
  else say(`${key.id} (${inOneLine(key.name)}) opens nothing any more.`);
  return EXIT.ok;
};
