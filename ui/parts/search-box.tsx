import { type ReactNode, useMemo, useRef } from "react";
import { type KeyGroup, useKeys } from "../frame/keys";
import { Key } from "./buttons";
import { Icon } from "./icon";

interface Props {
  /** What it does: its name, and in the help what `/` is for. */
  label: string;
  /** The help's heading of its key. */
  group: string;
  /** Where it says more than the label. */
  placeholder?: string;
  value: string;
  onChange(text: string): void;
  onEnter?(backwards: boolean): void;
  className?: string;
  /** Behind the text, in the place of its key. */
  children?: ReactNode;
}

/** Finds or filters as it is typed in. `/` leads there and takes what stands in it, Escape leads out. */
export const SearchBox = (props: Props): ReactNode => {
  const {
    label,
    group,
    placeholder = label,
    value,
    onChange,
    onEnter,
    className = "",
    children = <Key>/</Key>,
  } = props;
  const input = useRef<HTMLInputElement>(null);
  useKeys(
    useMemo<KeyGroup>(
      () => ({ title: group, bindings: [{ keys: "/", label, act: () => input.current?.select() }] }),
      [group, label],
    ),
  );
  return (
    <div className={`search ${className}`} role="search">
      <Icon name="search" size={13} />
      <input
        ref={input}
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={value}
        spellCheck={false}
        onChange={({ target }) => onChange(target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") onEnter?.(event.shiftKey);
          if (event.key !== "Escape") return;
          // The browser would empty it.
          event.preventDefault();
          event.currentTarget.blur();
        }}
      />
      {children}
    </div>
  );
};
