import { StoredText } from "./stored";

/** Ids of the bulk actions whose cards are shown, in all tabs of this browser, until they are closed. */
export const shownBulks = new StoredText<string>("dqueue.bulk", "", (text) => /^[0-9a-f,-]*$/.test(text));
