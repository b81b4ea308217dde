import { Secrets } from "../core/secrets";

/** Which variables of its environment are secrets to a process; travels as JSON to those of user code. */
export interface SecretRules {
  /** Variables that configs may name; one that ends with `*` stands for all that begin so. */
  allowed: readonly string[];
  /** Variables that hold URLs with passwords, or keys: never told, and not for configs. */
  settings: readonly string[];
}

/** What holds unless a setting says otherwise. */
export const DEFAULT_SECRETS: SecretRules = { allowed: ["DQUEUE_SECRET_*"], settings: ["DATABASE_URL", "AMQP_URL"] };

/** The secrets that stand in an environment. An empty variable is one that is not set. */
export const secretsOf = ({ allowed, settings }: SecretRules, env: NodeJS.ProcessEnv = process.env): Secrets => {
  const allows = (variable: string): boolean =>
    allowed.some((rule) => (rule.endsWith("*") ? variable.startsWith(rule.slice(0, -1)) : variable === rule));
  const variables = new Map<string, string>();
  for (const [name, value] of Object.entries(env)) if (value && allows(name)) variables.set(name, value);
  const hidden = settings.flatMap((name) => passwordsIn(env[name] ?? ""));
  return new Secrets({ allows, variables, hidden, allowed: `DQUEUE_SECRETS allows ${allowed.join(", ")} here` });
};

/** What of a setting must not be told: of URLs (separated by ";") their passwords, of anything else all. */
const passwordsIn = (setting: string): string[] => (setting === "" ? [] : setting.split(";").flatMap(passwordsOfUrl));

const passwordsOfUrl = (text: string): string[] => {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return [text];
  }
  if (url.host === "") return [text];
  const { username, password, hostname, pathname, searchParams } = url;
  const named = [...searchParams].flatMap(([name, value]) => (/pass|secret|token/i.test(name) ? [value] : []));
  if (password === "") return named;
  const plain = decodeURIComponent(password);
  // As in guest:guest@localhost: hiding the word wherever it stands would tell less, and hide nothing.
  const known = [username, hostname, pathname.slice(1), "postgres"].includes(plain);
  return [...named, ...(known ? [`:${password}@`] : [password, plain])];
};
