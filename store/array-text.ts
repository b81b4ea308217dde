/** Characters that PostgreSQL's array syntax wants escaped inside of quotes. */
const SPECIAL = /["\\]/;
const ALL_SPECIAL = /["\\]/g;

const quoted = (text: string): string => (SPECIAL.test(text) ? `"${text.replace(ALL_SPECIAL, "\\$&")}"` : `"${text}"`);

/**
 * An array in PostgreSQL's text form. pg would do so itself, at several times the price: serialising was half of what
 * a commit cost the owner.
 */
export const arrayText = (values: readonly (string | number | boolean | null)[]): string => {
  let text = "{";
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (i > 0) text += ",";
    if (value === null) text += "NULL";
    else text += typeof value === "string" ? quoted(value) : value;
  }
  return `${text}}`;
};
