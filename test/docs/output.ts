/**
 * Whether what was put out is what a page shows. In the page "…" stands for anything within a line, and on a line of its
 * own for any lines; how many spaces there are does not matter.
 */
export const shows = (expected: string, actual: string): boolean => patternOf(expected).test(`${plain(actual)}\n`);

const plain = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.replace(/\s+/g, " ").trim())
    .join("\n")
    .trim();

const patternOf = (expected: string): RegExp => {
  const lines = plain(expected)
    .split("\n")
    .map((line) => (line === "…" ? "(?:.*\\n)*?" : `${line.split("…").map(literally).join(".*?")}\\n`));
  return new RegExp(`^${lines.join("")}$`);
};

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
