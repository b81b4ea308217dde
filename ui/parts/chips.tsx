import type { ReactNode } from "react";
import { Icon } from "./icon";

/** A tag: its key quiet, its value plain. */
export const Chip = ({ name, value }: { name: string; value: string }): ReactNode => (
  <span className="chip" title={`${name}: ${value}`}>
    <i>{name}</i>
    <span className="ell">{value}</span>
  </span>
);

interface TokenProps {
  name: ReactNode;
  value: ReactNode;
  /** `status is Failure`, for those who hear it. */
  spoken: string;
  onOpen?: () => void;
  onRemove(): void;
}

/** A part of a filter, that can be opened to change it and taken away. */
export const Token = ({ name, value, spoken, onOpen, onRemove }: TokenProps): ReactNode => (
  <span className="tok">
    <button type="button" onClick={onOpen}>
      <span className="sr">Change </span>
      <i>{name}</i> {value}
    </button>
    <button type="button" className="close" onClick={onRemove} aria-label={`Remove ${spoken}`}>
      <Icon name="close" size={12} />
    </button>
  </span>
);
