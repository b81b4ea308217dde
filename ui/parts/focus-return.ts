import { useLayoutEffect, useState } from "react";

/**
 * Gives the focus back to what had it when the component was first drawn, once the component is gone and has taken the
 * focus with it: for what opens above or beside the page. Radix would do so for what its own triggers open.
 */
export const useFocusReturn = (): void => {
  const [opener] = useState(openerNow);
  useLayoutEffect(
    () => () =>
      // Until then what was chosen here may have led the focus elsewhere.
      void setTimeout(() => {
        if (document.activeElement !== document.body) return;
        if (opener?.isConnected) opener.focus();
        // A key of the page has opened it, or what did is gone.
        else document.querySelector("main")?.focus({ preventScroll: true });
      }),
    [opener],
  );
};

/** An entry of a menu goes with its menu: the button that opened it stays. */
const openerNow = (): HTMLElement | null => {
  const { activeElement } = document;
  const button = activeElement?.closest("[role=menu]")?.getAttribute("aria-labelledby");
  const opener = button ? document.getElementById(button) : activeElement;
  return opener instanceof HTMLElement && opener !== document.body ? opener : null;
};
