const NOWHERE = "http://nowhere.invalid";

/**
 * Where to go after signing in: `wanted` where that is a page of this server, else the first page. What comes from an
 * address may be anything: "//evil.example", "/\evil.example" and "javascript:…" would lead elsewhere.
 */
export const ownPath = (wanted: string | undefined): string => {
  if (!wanted?.startsWith("/") || !URL.canParse(wanted, NOWHERE)) return "/";
  const { origin, pathname, search, hash } = new URL(wanted, NOWHERE);
  const leadsAway = origin !== NOWHERE || pathname.startsWith("//");
  return leadsAway || pathname === "/signin" ? "/" : pathname + search + hash;
};
