import { cloneElement, type ReactElement, type ReactNode, useState } from "react";
import type { IconName } from "./icon";
import { late } from "./late";

export interface MenuItem {
  label: string;
  icon?: IconName;
  danger?: boolean;
  /** Why it cannot be chosen now: it stays within reach, says so, and does nothing else. */
  not?: string | false;
  /** Checked or not; absent: it is no choice. */
  checked?: boolean;
  act(): void;
}

export interface MenuProps {
  /** `null` draws a line. */
  items: readonly (MenuItem | null)[];
  /** The button that opens it. */
  children: ReactElement<{ onClick?: () => void; "aria-haspopup"?: "menu"; "aria-expanded"?: boolean }>;
}

// Menus are a third of what a page weighs, and are there only once somebody opens one.
const OpenMenu = late(() => import("./open-menu"));

/** What a button opens. */
export const Menu = ({ items, children }: MenuProps): ReactNode => {
  const [used, setUsed] = useState(false);
  const closed = cloneElement(children, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onClick: () => setUsed(true),
  });
  if (!used) return closed;
  return (
    <OpenMenu items={items} onClose={() => setUsed(false)} coming={closed}>
      {children}
    </OpenMenu>
  );
};
