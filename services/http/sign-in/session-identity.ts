import type { IncomingMessage } from "node:http";
import type { Queryable } from "../../../store/database";
import { findSession, type SessionHolder } from "../../../store/sessions";
import { isChange, requireOwnPage } from "../guard";
import type { Identity, IdentitySource } from "../identity";
import { cookieOf } from "./cookies";
import type { CompanyAccounts } from "./company-accounts";

/**
 * Those who signed in with a browser, by its cookie. Browsers send that along by themselves, whatever page asks: it
 * counts for a change only where the browser says that the page is one of this server.
 */
export const sessionIdentity =
  (db: Queryable, company: CompanyAccounts | null): IdentitySource =>
  async (request: IncomingMessage) => {
    const token = cookieOf(request, "session");
    const holder = token === null ? null : await findSession(db, token);
    const identity = holder && identityOfHolder(holder, company);
    if (identity && isChange(request)) requireOwnPage(request);
    return identity;
  };

/** null: company accounts are not let in any more, or this one is not. */
export const identityOfHolder = (holder: SessionHolder, company: CompanyAccounts | null): Identity | null => {
  if ("key" in holder) return { kind: "session", ...holder.key };
  if (!company?.admits(holder.email)) return null;
  return { kind: "session", id: null, name: holder.email, role: company.role };
};
