import type { AccessRole } from "../core/access";
import { DqueueError } from "../core/errors";

/** The company's OpenID provider, and whom of it to let in as what. */
export interface CompanySettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** In lower case. */
  readonly allowedDomains: readonly string[];
  readonly role: AccessRole;
}

type Given = { readonly [Name in keyof CompanySettings]: CompanySettings[Name] | null };

const NAMES: readonly (readonly [keyof CompanySettings, string])[] = [
  ["issuer", "OIDC_ISSUER"],
  ["clientId", "OIDC_CLIENT_ID"],
  ["clientSecret", "OIDC_CLIENT_SECRET"],
  ["allowedDomains", "OIDC_ALLOWED_DOMAINS"],
];

/**
 * null: nothing of it is set.
 * @throws DqueueError SETTING_MISSING where only some of it is. Without domains everybody with an account at the provider
 * would be let in, and with a public one that is everybody.
 */
export const companyOf = (given: Given): CompanySettings | null => {
  const missing = NAMES.filter(([key]) => given[key] === null).map(([, name]) => name);
  if (missing.length === NAMES.length) return null;
  if (missing.length > 0)
    throw new DqueueError(
      "SETTING_MISSING",
      `Sign-in with company accounts needs ${missing.join(" and ")} too: set ${missing.length > 1 ? "them" : "it"}, or none of the OIDC settings.`,
    );
  const all = given as CompanySettings;
  return { ...all, allowedDomains: all.allowedDomains.map((domain) => domain.toLowerCase()) };
};
