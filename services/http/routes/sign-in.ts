import type { IncomingMessage } from "node:http";
import { apiKeyParts } from "../../../core/access";
import { DqueueError } from "../../../core/errors";
import { type ApiKey, findApiKey } from "../../../store/api-keys";
import type { Database } from "../../../store/database";
import { beginSession, endSession, type SessionHolder } from "../../../store/sessions";
import { audited } from "../../audited";
import { originOf } from "../audit-trail";
import { ok, type ApiRequest, type Reply, type Route } from "../route";
import { KEY_SIGN_IN, SIGN_IN_QUERY } from "../schemas/sign-in";
import type { CompanyAccounts } from "../sign-in/company-accounts";
import { cameByHttps, cookieOf, setCookie } from "../sign-in/cookies";
import { ownPath } from "../sign-in/own-path";
import { identityOfHolder } from "../sign-in/session-identity";
import { Tries, triesAddress } from "../sign-in/tries";
import { answers } from "./replies";

export interface SignInNeeds {
  readonly db: Database;
  readonly signInRequired: boolean;
  /** null: there are none. */
  readonly company: CompanyAccounts | null;
}

/** Who asks, by which ways they may sign in, and signing in by a key and out again. */
export const signInRoutes = (needs: SignInNeeds): Route[] => {
  const tries = new Tries();
  return [meRoute, waysRoute(needs, tries), keyRoute(needs, tries), signOutRoute(needs)];
};

const meRoute: Route = {
  method: "GET",
  path: "/api/me",
  operation: "me",
  tag: "access",
  role: "viewer",
  summary: "Says who asks, and what they may do.",
  replies: { 200: answers("Me", "Who asks.") },
  handle: ({ identity }) => {
    const { kind, id, name, role } = identity!;
    return ok({ kind, id, name, role });
  },
};

const waysRoute = ({ signInRequired, company }: SignInNeeds, tries: Tries): Route => ({
  method: "GET",
  path: "/api/session",
  operation: "signInWays",
  tag: "access",
  role: "public",
  summary: "Says how one may sign in.",
  query: SIGN_IN_QUERY,
  replies: { 200: answers("SignInWays", "The ways that there are.") },
  handle: ({ query, raw }) =>
    ok({
      required: signInRequired,
      next: ownPath(query.next as string | undefined),
      company: company?.name ?? null,
      tries_left: tries.left(triesAddress(raw.request)),
    }),
});

const keyRoute = (needs: SignInNeeds, tries: Tries): Route => ({
  method: "POST",
  path: "/api/session",
  operation: "signIn",
  tag: "access",
  role: "public",
  summary: "Signs a browser in with an API key.",
  description:
    "The session is a cookie that no script reads and that counts for pages of this server alone. It ends with its key, " +
    "after 8 hours in which nothing was heard of it, and after 7 days (12 hours with a company account). An address may " +
    "send 10 wrong keys within 5 minutes to one web server; then it waits.",
  body: { schema: KEY_SIGN_IN, required: true },
  replies: { 201: answers("SignedIn", "Who that is. The session is in Set-Cookie.") },
  problems: ["KEY_REFUSED", "TOO_MANY_TRIES", "FOREIGN_ORIGIN"],
  handle: async ({ body, raw: { request } }) => {
    const holder = { key: await keyOf(needs.db, body.key as string, request, tries) };
    const cookie = await startSession(needs, holder, request, cameByHttps(request));
    const { kind, id, name, role } = identityOfHolder(holder, null)!;
    const next = ownPath(body.next as string | undefined);
    return { status: 201, body: { kind, id, name, role, next }, headers: { "set-cookie": cookie } };
  },
});

const keyOf = async (
  db: Database,
  given: string,
  request: IncomingMessage,
  tries: Tries,
): Promise<Pick<ApiKey, "id" | "name" | "role">> => {
  const address = triesAddress(request);
  tries.require(address);
  const text = given.trim();
  try {
    const key = await findApiKey(db, text);
    if (key) return key;
  } catch (error) {
    if (error instanceof DqueueError && error.code === "KEY_REFUSED")
      throw new DqueueError("KEY_REFUSED", error.message, { tries_left: tries.miss(address) });
    throw error;
  }
  throw new DqueueError(
    "KEY_REFUSED",
    apiKeyParts(text)
      ? "This key is not known here, or its secret is wrong."
      : "This is no API key: one begins with dq_ and has a dot in it.",
    { tries_left: tries.miss(address) },
  );
};

/**
 * Signs a browser in, on record; who was signed in with it before is so no more.
 * @returns the cookie to set.
 */
export const startSession = async (
  { db, company }: SignInNeeds,
  holder: SessionHolder,
  request: IncomingMessage,
  secure: boolean,
): Promise<string> => {
  const actor = identityOfHolder(holder, company)!;
  const entry = { actor, action: "signIn", object: "session", details: {}, ...originOf(request) };
  const { token, seconds } = await audited(db, entry, () => beginSession(db, holder));
  await endOf(db, request);
  return setCookie(request, "session", { value: token, seconds, secure });
};

const endOf = async (db: Database, request: IncomingMessage): Promise<void> => {
  const token = cookieOf(request, "session");
  if (token !== null) await endSession(db, token);
};

const signOutRoute = ({ db }: SignInNeeds): Route => ({
  method: "DELETE",
  path: "/api/session",
  operation: "signOut",
  tag: "access",
  role: "public",
  summary: "Signs a browser out, on every web server. Repeatable.",
  replies: { 204: { description: "Nobody is signed in with it any more.", schema: null } },
  handle: async ({ raw: { request } }: ApiRequest): Promise<Reply> => {
    await endOf(db, request);
    const cookie = setCookie(request, "session", { value: "", seconds: 0, secure: cameByHttps(request) });
    return { status: 204, body: null, headers: { "set-cookie": cookie } };
  },
});
