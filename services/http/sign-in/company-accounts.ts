import type { Configuration } from "openid-client" with { "resolution-mode": "import" };
import { z } from "zod";
import { DqueueError } from "../../../core/errors";
import type { CompanySettings } from "../../company-settings";

/** What was begun at the provider, kept by the browser that began it until it comes back: it may hand us anything. */
export const BEGUN = z.object({
  /** Of the server, as the browser sees it. */
  origin: z.url({ protocol: /^https?$/ }),
  /** Where to go afterwards. */
  next: z.string(),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
});
export type Begun = z.infer<typeof BEGUN>;

/** Why a company account was not let in, as the sign-in page is told it. */
export type CompanyRefusal = "begun_elsewhere" | "refused" | "unverified" | "other_company";

export class CompanyRefused extends Error {
  constructor(
    readonly reason: CompanyRefusal,
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

/** Where the provider sends browsers back to. */
export const COMPANY_PATH = "/api/session/company";
const ADDRESS = /^[^@\s]+@([A-Za-z0-9.-]+)$/;
const TIMEOUT_S = 10;

/** Sign-in with a company account by OpenID Connect: authorization code, PKCE, state and nonce. */
export class CompanyAccounts {
  private found: Promise<Configuration> | null = null;

  constructor(private readonly settings: CompanySettings) {}

  /** The provider, by its host. */
  get name(): string {
    return new URL(this.settings.issuer).host;
  }

  get role(): CompanySettings["role"] {
    return this.settings.role;
  }

  /** Whether accounts of this address are let in: its domain is one of those allowed, and not only looks like it. */
  admits(email: string): boolean {
    const [, domain] = ADDRESS.exec(email) ?? [];
    return domain !== undefined && this.settings.allowedDomains.includes(domain.toLowerCase());
  }

  /**
   * @returns where the browser is to go, and what it is to keep meanwhile.
   * @throws DqueueError COMPANY_UNAVAILABLE.
   */
  async begin(origin: string, next: string): Promise<{ location: string; begun: Begun }> {
    const oidc = await import("openid-client");
    const configuration = await this.provider();
    const begun = {
      ...{ origin, next, state: oidc.randomState(), nonce: oidc.randomNonce() },
      verifier: oidc.randomPKCECodeVerifier(),
    };
    const location = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: origin + COMPANY_PATH,
      scope: "openid email",
      state: begun.state,
      nonce: begun.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(begun.verifier),
      code_challenge_method: "S256",
    });
    return { location: location.href, begun };
  }

  /**
   * @param search the query string with which the browser came back.
   * @returns the account's address, in lower case.
   * @throws CompanyRefused, and DqueueError COMPANY_UNAVAILABLE.
   */
  async finish({ origin, state, nonce, verifier }: Begun, search: string): Promise<string> {
    const email = await this.verifiedAddress(new URL(`${origin}${COMPANY_PATH}?${search}`), {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
    });
    if (!this.admits(email)) throw new CompanyRefused("other_company");
    return email.toLowerCase();
  }

  private async verifiedAddress(
    back: URL,
    expected: { expectedState: string; expectedNonce: string; pkceCodeVerifier: string },
  ): Promise<string> {
    const oidc = await import("openid-client");
    const provider = await this.provider();
    try {
      const tokens = await oidc.authorizationCodeGrant(provider, back, { ...expected, idTokenExpected: true });
      const claims = tokens.claims()!;
      // Many providers tell the address only when asked for it.
      const told =
        claims.email === undefined ? await oidc.fetchUserInfo(provider, tokens.access_token, claims.sub) : claims;
      if (typeof told.email === "string" && told.email_verified === true) return told.email;
    } catch (error) {
      throw new CompanyRefused("refused", { cause: error });
    }
    throw new CompanyRefused("unverified");
  }

  private async provider(): Promise<Configuration> {
    this.found ??= this.discover();
    try {
      return await this.found;
    } catch (error) {
      // Asked for anew the next time.
      this.found = null;
      throw new DqueueError(
        "COMPANY_UNAVAILABLE",
        `${this.settings.issuer} does not answer as an OpenID provider: ${(error as Error).message}. Sign in with an API key, or try again soon.`,
      );
    }
  }

  private async discover(): Promise<Configuration> {
    const oidc = await import("openid-client");
    const { issuer, clientId, clientSecret } = this.settings;
    const plain = new URL(issuer).protocol === "http:";
    return oidc.discovery(new URL(issuer), clientId, clientSecret, undefined, {
      timeout: TIMEOUT_S,
      // The settings allow it for a provider on this machine alone.
      ...(plain && { execute: [oidc.allowInsecureRequests] }),
    });
  }
}
