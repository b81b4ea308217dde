import { type ReactNode, useState } from "react";
import { count } from "./format";
import { Icon } from "./icon";

/** A tag: its key quiet, its value plain. */
export const Chip = ({ name, value }: { name: string; value: string }): ReactNode => (
  <span className="chip" title={`${name}: ${value}`}>
    <i>{name}</i>
    <span className="ell">{value}</span>
  </span>
);

type Tags = Readonly<Record<string, string>>;

/** So many say what it is about; the rest is there when it is asked for. */
const MOST_TAGS = 4;

/** Tags, each as a chip; of many the first, and how many more there are. */
export const Chips = ({ tags, most = MOST_TAGS }: { tags: Tags; most?: number }): ReactNode => {
  const [all, showAll] = useState(false);
  const entries = Object.entries(tags);
  const more = entries.length - most;
  return (
    <span className={all ? "chips all" : "chips"}>
      {(all ? entries : entries.slice(0, most)).map(([key, value]) => (
        <Chip key={key} name={key} value={value} />
      ))}
      {more > 0 && (
        <button type="button" className="link small nw" onClick={() => showAll(!all)}>
          {all ? "fewer tags" : `${count(more)} more`}
        </button>
      )}
    </span>
  );
};

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
