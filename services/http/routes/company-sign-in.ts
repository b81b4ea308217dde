import type { IncomingMessage } from "node:http";
import type { LoggerInstance } from "moleculer";
import { DqueueError } from "../../../core/errors";
import { requireOwnPage } from "../guard";
import { ok, type ApiRequest, type Reply, type Route } from "../route";
import { COMPANY_SIGN_IN } from "../schemas/sign-in";
import { BEGUN, type Begun, type CompanyAccounts, COMPANY_PATH, CompanyRefused } from "../sign-in/company-accounts";
import { cameByHttps, cookieOf, setCookie } from "../sign-in/cookies";
import { ownPath } from "../sign-in/own-path";
import { answers } from "./replies";
import { type SignInNeeds, startSession } from "./sign-in";

interface Needs extends SignInNeeds {
  readonly log: Pick<LoggerInstance, "info">;
}

/** As long as somebody may take to sign in at the provider. */
const BEGUN_S = 600;

/** Begins a sign-in with a company account. A change, and so out of reach of foreign pages. */
export const companyRoute = (needs: Needs): Route => ({
  method: "POST",
  path: COMPANY_PATH,
  operation: "companySignIn",
  tag: "access",
  role: "public",
  summary: "Begins to sign a browser in with a company account.",
  body: { schema: COMPANY_SIGN_IN, required: false },
  replies: { 200: answers("CompanySignIn", "Where the browser goes now.") },
  problems: ["COMPANY_ACCOUNTS_OFF", "COMPANY_UNAVAILABLE", "FOREIGN_ORIGIN"],
  handle: async ({ body, raw: { request } }) => {
    requireOwnPage(request);
    const { location, begun } = await requireCompany(needs.company).begin(
      originOf(request),
      ownPath(body.next as string | undefined),
    );
    const kept = { value: JSON.stringify(begun), seconds: BEGUN_S, secure: cameByHttps(request) };
    return { ...ok({ location }), headers: { "set-cookie": setCookie(request, "company", kept) } };
  },
});

/** This server as the browser sees it, also from behind a proxy. */
const originOf = (request: IncomingMessage): string =>
  request.headers.origin ?? `${cameByHttps(request) ? "https" : "http"}://${request.headers.host}`;

const requireCompany = (company: CompanyAccounts | null): CompanyAccounts => {
  if (company) return company;
  throw new DqueueError("COMPANY_ACCOUNTS_OFF", "No company accounts are set up here: sign in with an API key.");
};

/** Where the provider sends a browser back to. For browsers, and so beside the API. */
export const companyReturnRoute = (needs: Needs): Route => ({
  method: "GET",
  path: COMPANY_PATH,
  operation: "companyReturn",
  tag: "pages",
  role: "public",
  openQuery: true,
  summary: "Takes a browser back from the company's OpenID provider.",
  replies: { 303: { description: "To the page that it came for, or to the sign-in page.", schema: null } },
  handle: (request) => comeBack(needs, request),
});

const comeBack = async (needs: Needs, { raw: { request } }: ApiRequest): Promise<Reply> => {
  const begun = begunOf(request);
  const secure = begun?.origin.startsWith("https:") ?? false;
  const forget = setCookie(request, "company", { value: "", seconds: 0, secure });
  const next = ownPath(begun?.next);
  try {
    if (!begun) throw new CompanyRefused("begun_elsewhere");
    const email = await requireCompany(needs.company).finish(begun, searchOf(request));
    const cookie = await startSession(needs, { email }, request, secure);
    return seeOther(next, [forget, cookie]);
  } catch (error) {
    if (!(error instanceof CompanyRefused)) throw error;
    needs.log.info(
      `A company account was not let in: ${error.reason}. ${(error.cause as Error | undefined)?.message ?? ""}`,
    );
    return seeOther(`/signin?${new URLSearchParams({ refused: error.reason, next })}`, [forget]);
  }
};

/** null: this browser has begun nothing, or its cookie is none of ours. */
const begunOf = (request: IncomingMessage): Begun | null => {
  try {
    return BEGUN.safeParse(JSON.parse(cookieOf(request, "company") ?? "null")).data ?? null;
  } catch {
    return null;
  }
};

const searchOf = (request: IncomingMessage): string => {
  const { originalUrl = "" } = request as { originalUrl?: string };
  return originalUrl.slice(originalUrl.indexOf("?") + 1);
};

const seeOther = (location: string, cookies: string[]): Reply => ({
  status: 303,
  body: "",
  type: "text/plain",
  headers: { location, "set-cookie": cookies },
});
