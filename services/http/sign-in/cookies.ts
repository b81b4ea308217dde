import type { IncomingMessage } from "node:http";
import { parseCookie, stringifySetCookie } from "cookie";

/** What a browser keeps for us: who is signed in, and what was begun with a company account. */
export const COOKIES = { session: "dqueue_session", company: "dqueue_company" } as const;
type CookieName = keyof typeof COOKIES;

const PATHS: Readonly<Record<CookieName, string>> = { session: "/", company: "/api/session" };
/** The way back from a company account begins at another site, where a strict cookie would be left away. */
const SITES = { session: "strict", company: "lax" } as const;

/**
 * Browsers keep cookies by host alone: those of several servers on one host are told apart by the port that the browser
 * asked, or a sign-in at one would sign out of the other.
 */
const nameOf = ({ headers }: IncomingMessage, name: CookieName): string => {
  const [, port] = /:(\d{1,5})$/.exec(headers.host ?? "") ?? [];
  return port === undefined ? COOKIES[name] : `${COOKIES[name]}_${port}`;
};

/** null: there is none. */
export const cookieOf = (request: IncomingMessage, name: CookieName): string | null =>
  parseCookie(request.headers.cookie ?? "")[nameOf(request, name)] || null;

interface Kept {
  value: string;
  /** That it lives; 0 takes it away. */
  seconds: number;
  /** Whether the browser came by HTTPS: then it never sends it by anything else. */
  secure: boolean;
}

/** A Set-Cookie header for who sends this request. No script reads it, and no other site's page has it sent along. */
export const setCookie = (request: IncomingMessage, name: CookieName, { value, seconds, secure }: Kept): string =>
  stringifySetCookie(nameOf(request, name), value, {
    httpOnly: true,
    sameSite: SITES[name],
    secure,
    path: PATHS[name],
    maxAge: seconds,
  });

/** Whether the browser came by HTTPS, by what it says itself or a proxy in front: claiming it harms nobody else. */
export const cameByHttps = ({ headers }: IncomingMessage): boolean =>
  headers.origin?.startsWith("https:") === true || /^https\b/i.test(String(headers["x-forwarded-proto"] ?? ""));
