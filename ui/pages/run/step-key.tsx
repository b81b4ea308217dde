import type { ReactNode } from "react";

/** A step's key. Where there is no room for it, its op's name is cut first: what tells it from its siblings stays. */
export const StepKey = ({ of: key, strong = false }: { of: string; strong?: boolean }): ReactNode => {
  const bracket = key.indexOf("[");
  const name = bracket < 0 ? key : key.slice(0, bracket);
  return (
    <>
      <span className={`ell ${strong || bracket < 0 ? "strong" : ""}`}>{name}</span>
      {/* By its own direction: it is its beginning that stays. */}
      {bracket >= 0 && <b dir="auto">{key.slice(bracket)}</b>}
    </>
  );
};
