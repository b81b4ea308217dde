import { DropdownMenu as Radix } from "radix-ui";
import { type ReactNode, useState } from "react";
import { Icon } from "./icon";
import type { MenuItem, MenuProps } from "./menu";
import { tell } from "./toasts";

/** A menu that was opened once. */
export default function OpenMenu({ items, children }: MenuProps): ReactNode {
  const [open, setOpen] = useState(true);
  return (
    // Modal ones write a style element, which the page's policy forbids.
    <Radix.Root modal={false} open={open} onOpenChange={setOpen}>
      {/* Radix opens by pointer and keyboard. A click that comes from neither is one of a key of the page, or of aids. */}
      <Radix.Trigger asChild onClick={({ detail }) => detail === 0 && setOpen(true)}>
        {children}
      </Radix.Trigger>
      {/* Inside a landmark; of what is behind a dialog nothing can be reached. */}
      <Radix.Portal container={document.querySelector<HTMLElement>("[role=dialog], main")}>
        <Radix.Content className="menu" align="end" sideOffset={4} collisionPadding={8}>
          {items.map((item, i) => (item ? <Item key={item.label} {...item} /> : <hr key={i} />))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const Item = ({ label, icon, danger, not, checked, act }: MenuItem): ReactNode => {
  const common = { className: danger ? "dng" : "", "aria-disabled": Boolean(not), title: not || undefined };
  const refuse = not
    ? (event: Event): void => {
        event.preventDefault();
        tell({ title: not });
      }
    : undefined;
  if (checked !== undefined)
    return (
      <Radix.CheckboxItem
        {...common}
        checked={checked}
        {...(!not && { onCheckedChange: act })}
        onSelect={refuse ?? ((event) => event.preventDefault())}
      >
        <span style={{ width: 14 }}>{checked && <Icon name="check" size={14} />}</span>
        <span>{label}</span>
      </Radix.CheckboxItem>
    );
  return (
    <Radix.Item {...common} onSelect={refuse ?? act}>
      {icon && <Icon name={icon} size={14} />}
      <span>{label}</span>
    </Radix.Item>
  );
};
