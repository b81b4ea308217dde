/** What someone may do, from the least to the most; each role may do all that those before it may. */
export const ACCESS_ROLES = ["viewer", "launcher", "operator", "admin"] as const;
export type AccessRole = (typeof ACCESS_ROLES)[number];

/** True where `role` may do what `needed` is asked for. */
export const mayAs = (role: AccessRole, needed: AccessRole): boolean =>
  ACCESS_ROLES.indexOf(role) >= ACCESS_ROLES.indexOf(needed);

/** A key is the id under which it is known and a secret of at least 256 random bits. */
const API_KEY = /^(dq_[a-z0-9]{16})\.([A-Za-z0-9_-]{43,128})$/;

/** What a key consists of; null: the text has not the form of one. */
export const apiKeyParts = (text: string): { id: string; secret: string } | null => {
  const [, id, secret] = API_KEY.exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
};
