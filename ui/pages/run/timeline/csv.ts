/** RFC 4180. */
export const csvOf = (rows: readonly (readonly string[])[], head: readonly string[]): string =>
  [head, ...rows].map((cells) => cells.map(quoted).join(",")).join("\r\n");

/** A cell that a spreadsheet would take for a formula begins with an apostrophe. */
const quoted = (text: string): string => {
  const safe = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** Puts a text into the visitor's downloads. */
export const saveText = (name: string, text: string): void => {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
};
