import { StoredChoice } from "../data/stored";

export type Theme = "system" | "light" | "dark";

/** What `theme.js` reads before the page is drawn. */
export const theme = new StoredChoice<Theme>("dqueue.theme", ["system", "light", "dark"]);

const show = (): void => {
  const chosen = theme.get();
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
};
theme.watch(show);
show();
