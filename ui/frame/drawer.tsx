import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useFocusReturn } from "../parts/focus-return";
import { Icon } from "../parts/icon";
import { Sidebar } from "./sidebar";

interface Props {
  onClose(): void;
  openPalette(): void;
  openHelp(): void;
}

/** The sidebar, on phones. */
export default function Drawer({ onClose, openPalette, openHelp }: Props): ReactNode {
  useFocusReturn();
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <div className="shade" />
        <Radix.Content className="drawer-sheet" aria-describedby={undefined} onClick={closeOnLink(onClose)}>
          <Radix.Title className="sr">Menu</Radix.Title>
          <Sidebar drawer openPalette={openPalette} openHelp={openHelp} />
          <Radix.Close className="close" aria-label="Close the menu">
            <Icon name="close" size={18} />
          </Radix.Close>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const closeOnLink =
  (close: () => void) =>
  ({ target }: { target: EventTarget }): void => {
    if (target instanceof Element && target.closest("a")) close();
  };
