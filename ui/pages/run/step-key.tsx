import type { ReactNode } from "react";
import { keyParts } from "../../parts/key-parts";

/** A step's key. Where there is no room for it, its op's name is cut first: what tells it from its siblings stays. */
export const StepKey = ({ of: key, strong = false }: { of: string; strong?: boolean }): ReactNode => {
  const { name, item } = keyParts(key);
  return (
    <>
      <span className={`ell ${strong || item === "" ? "strong" : ""}`}>{name}</span>
      {/* By its own direction: it is its beginning that stays. */}
      {item !== "" && <b dir="auto">{item}</b>}
    </>
  );
};
