import { type ReactNode, useState } from "react";

/** Up to so many things of one's own choice a click is enough. */
const CLICKED = 20;

/**
 * The number of things that something is about to happen to, typed by whoever confirms it.
 * @param always also of few, since they were not chosen one by one.
 * @returns whether it is confirmed, and the field where one is needed.
 */
export const useTypedCount = (n: number, always = false): { confirmed: boolean; field: ReactNode } => {
  const [typed, setTyped] = useState("");
  const needed = always || n > CLICKED;
  return {
    confirmed: !needed || typed.trim() === String(n),
    field: needed && (
      <label className="field">
        <span>
          Type <b className="mono">{n}</b> to confirm
        </span>
        <input
          className="input num"
          inputMode="numeric"
          autoComplete="off"
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
        />
      </label>
    ),
  };
};
