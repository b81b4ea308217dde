/** What turns the direction of the text around it: what follows would stand elsewhere than where it is. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;

/** A text of somebody else, in which nothing hides: `⟨U+202E⟩`. */
export const visible = (text: string): string =>
  text.replace(TURNS, (sign) => `⟨U+${sign.charCodeAt(0).toString(16).toUpperCase()}⟩`);
