import type { ReactNode } from "react";

/** The first stop of each page: the way past what all pages have, to what has the id `content`. */
export const SkipLink = (): ReactNode => (
  <a
    className="skip btn"
    href="#content"
    onClick={(event) => {
      // What the address names stays named.
      event.preventDefault();
      document.getElementById("content")!.focus();
    }}
  >
    Skip to content
  </a>
);
