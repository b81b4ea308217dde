import Provider from "oidc-provider";

const [, , port, redirect] = process.argv;

/** Who signs in as `x` has the address `x`; it is verified unless it begins with "unverified". */
const accountOf = (_context: unknown, login: string) => ({
  accountId: login,
  claims: () => ({ sub: login, email: login, email_verified: !login.startsWith("unverified") }),
});

/** A real OpenID provider with forms for login and consent, which takes any password. */
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "dqueue", client_secret: "hunter2hunter2", redirect_uris: [redirect] }],
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  pkce: { required: () => true },
  findAccount: accountOf,
});
provider.listen(Number(port), "127.0.0.1", () => process.stdout.write("ready\n"));
