import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { Icon, type IconName } from "./icon";
import { tell } from "./toasts";

/** Never `disabled`, which would drop the focus and say nothing: `not` tells why. */
interface Props extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "disabled"> {
  icon?: IconName;
  kind?: "primary" | "ghost" | "danger" | "plain";
  small?: boolean;
  /** Shown behind the words; whoever shows it also binds it. */
  keys?: string;
  /** It opens a menu. */
  caret?: boolean;
  /** Why it may not be used: it stays within reach, says so, and does nothing else. */
  not?: string | false;
  ref?: Ref<HTMLButtonElement>;
}

/** Why a button that was pressed may not be pressed again yet. */
export const UNDER_WAY = "This is under way.";

const KINDS = { primary: "pri", ghost: "ghost", danger: "dng", plain: "" };

/** One with an icon alone needs an `aria-label`. */
export const Button = ({
  icon,
  kind = "plain",
  small,
  keys,
  caret,
  not,
  children,
  className = "",
  ...rest
}: Props): ReactNode => (
  <button
    type="button"
    className={`btn ${KINDS[kind]} ${small ? "sm" : ""} ${children === undefined ? "bare" : ""} ${className}`}
    {...(children === undefined && { title: rest["aria-label"] })}
    {...rest}
    {...refusing(not)}
  >
    {icon && <Icon name={icon} size={14} />}
    {children !== undefined && <span>{children}</span>}
    {keys && <Key>{keys}</Key>}
    {caret && <Icon name="chevronDown" size={12} />}
  </button>
);

/** Out of use, but not out of reach: the keyboard finds it, its description says why, and so does a tap. */
export const refusing = (not: string | false | undefined): ButtonHTMLAttributes<HTMLButtonElement> =>
  not ? { type: "button", title: not, "aria-disabled": true, onClick: () => void tell({ title: not }) } : {};

export const Key = ({ children }: { children: string }): ReactNode => <kbd aria-hidden="true">{children}</kbd>;

interface SegmentsProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange(value: T): void;
}

/** One of a few, all in sight. */
export const Segments = <T extends string>({ label, value, options, onChange }: SegmentsProps<T>): ReactNode => (
  <div className="seg" role="radiogroup" aria-label={label}>
    {options.map((option) => (
      <button
        key={option.value}
        type="button"
        role="radio"
        aria-checked={option.value === value}
        tabIndex={option.value === value ? 0 : -1}
        onClick={() => onChange(option.value)}
        onKeyDown={(event) => moveWithin(event.currentTarget, event.key)}
      >
        {option.label}
      </button>
    ))}
  </div>
);

const moveWithin = (from: HTMLElement, key: string): void => {
  const step = key === "ArrowRight" ? "nextElementSibling" : key === "ArrowLeft" ? "previousElementSibling" : null;
  const to = step && (from[step] as HTMLElement | null);
  to?.focus();
  to?.click();
};

interface SwitchProps {
  label: string;
  on: boolean;
  onChange(on: boolean): void;
  /** Why it may not be switched. */
  not?: string | false;
}

export const Switch = ({ label, on, onChange, not }: SwitchProps): ReactNode => (
  <button
    type="button"
    className="tg"
    role="switch"
    aria-checked={on}
    aria-label={label}
    onClick={() => onChange(!on)}
    {...refusing(not)}
  />
);
