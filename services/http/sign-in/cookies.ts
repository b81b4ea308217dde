import type { IncomingMessage } from "node:http";
import { parseCookie, stringifySetCookie } from "cookie";

/** What a browser keeps for us: who is signed in, and what was begun with a company account. */
export const COOKIES = { session: "dqueue_session", company: "dqueue_company" } as const;
type CookieName = keyof typeof COOKIES;

const PATHS: Readonly<Record<CookieName, string>> = { session: "/", company: "/api/session" };
/** The way back from a company account begins at another site, where a strict cookie would be left away. */
const SITES = { session: "strict", company: "lax" } as const;

/** null: there is none. */
export const cookieOf = ({ headers }: IncomingMessage, name: CookieName): string | null =>
  parseCookie(headers.cookie ?? "")[COOKIES[name]] || null;

/**
 * A Set-Cookie header. No script reads it, and no other site's page has it sent along.
 * @param seconds that it lives; 0 takes it away.
 * @param secure whether the browser came by HTTPS: then it never sends it by anything else.
 */
export const setCookie = (name: CookieName, value: string, options: { seconds: number; secure: boolean }): string =>
  stringifySetCookie(COOKIES[name], value, {
    httpOnly: true,
    sameSite: SITES[name],
    secure: options.secure,
    path: PATHS[name],
    maxAge: options.seconds,
  });

/** Whether the browser came by HTTPS, by what it says itself or a proxy in front: claiming it harms nobody else. */
export const cameByHttps = ({ headers }: IncomingMessage): boolean =>
  headers.origin?.startsWith("https:") === true || /^https\b/i.test(String(headers["x-forwarded-proto"] ?? ""));
