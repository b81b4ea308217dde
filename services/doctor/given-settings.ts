import type { Settings } from "../settings";
import type { Finding } from "./finding";

/** Those that are wrong have ended the command before: what is left are names that may be meant to be settings. */
export const checkSettings = ({ told, mistaken }: Settings): Finding => {
  const given = told.filter(({ origin }) => origin !== "default").map(({ name }) => name);
  const text = given.length === 0 ? "none is given" : `given are ${given.join(", ")}`;
  if (mistaken.length === 0) return { check: "settings", state: "ok", text };
  return { check: "settings", state: "warning", text, todo: mistaken.join(" ") };
};
