import { type ReactNode, useState } from "react";

/** Up to so many things of one's own choice a click is enough. */
export const CLICKED = 20;

/** As it stands in the title, too: with separators between thousands. */
const digitsOf = (typed: string): string => typed.trim().replace(/(?<=^\d{1,3}(,\d{3})*),(?=(\d{3})(,\d{3})*$)/g, "");

/**
 * The number of things that something is about to happen to, typed by whoever confirms it.
 * @param always also of few, since they were not chosen one by one.
 * @returns why it is not confirmed yet, and the field where one is needed.
 */
export const useTypedCount = (n: number, always = false): { unconfirmed: string | false; field: ReactNode } => {
  const [typed, setTyped] = useState("");
  const needed = always || n > CLICKED;
  return {
    unconfirmed: needed && digitsOf(typed) !== String(n) && `Type ${n} to confirm.`,
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
