import { type ReactNode, useState } from "react";

/** Up to so many things of one's own choice a click is enough. */
const CLICKED = 20;

/**
 * The number of things that something is about to happen to, typed by whoever confirms it.
 * @param always also of few, since they were not chosen one by one.
 * @returns why it is not confirmed yet, and the field where one is needed.
 */
export const useTypedCount = (n: number, always = false): { unconfirmed: string | false; field: ReactNode } => {
  const [typed, setTyped] = useState("");
  const needed = always || n > CLICKED;
  return {
    unconfirmed: needed && typed.trim() !== String(n) && `Type ${n} to confirm.`,
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
