import { type ReactNode, useState } from "react";
import type { Json } from "../../client";
import { Icon } from "./icon";
import "./json-tree.css";

/** More of a list is shown on demand: a value may hold thousands. */
const MOST = 100;

interface Props {
  value: Json;
  name?: string;
  /** So many levels are open at first. */
  open?: number;
}

/** A value that opens level by level. */
export const JsonTree = ({ value, name, open = 2 }: Props): ReactNode =>
  value !== null && typeof value === "object" && secretIn(value) === null ? (
    <Branch value={value} {...(name !== undefined && { name })} open={open} />
  ) : (
    <div className="jt-leaf">
      {name !== undefined && <span className="jt-name">{name}: </span>}
      <Leaf value={value} />
    </div>
  );

const Branch = ({
  value,
  name,
  open,
}: {
  value: Json[] | Record<string, Json>;
  name?: string;
  open: number;
}): ReactNode => {
  const [shown, setShown] = useState(open > 0);
  const [most, setMost] = useState(MOST);
  const entries = Object.entries(value);
  const size = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
  if (entries.length === 0)
    return (
      <div className="jt-leaf">
        {name !== undefined && <span className="jt-name">{name}: </span>}
        <span className="dim">{Array.isArray(value) ? "[]" : "{}"}</span>
      </div>
    );
  return (
    <div className="jt">
      <button type="button" aria-expanded={shown} onClick={() => setShown(!shown)}>
        <Icon name={shown ? "chevronDown" : "chevronRight"} size={11} />
        {name !== undefined && <span className="jt-name">{name}</span>}
        <span className="dim">{size}</span>
      </button>
      {shown && (
        <div className="jt-in">
          {entries.slice(0, most).map(([key, child]) => (
            <JsonTree key={key} name={key} value={child} open={open - 1} />
          ))}
          {entries.length > most && (
            <button type="button" className="link" onClick={() => setMost(most * 10)}>
              {entries.length - most} more
            </button>
          )}
        </div>
      )}
    </div>
  );
};

const Leaf = ({ value }: { value: Json }): ReactNode => {
  const secret = secretIn(value);
  if (secret !== null) return <Secret source={secret} />;
  return <span className={typeof value === "string" ? "jt-text" : "jt-plain"}>{JSON.stringify(value)}</span>;
};

/** Where the secret is found that a value stands for; null: it stands for none. */
const secretIn = (value: Json): string | null => {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  const { $secret: source } = value;
  return typeof source === "string" && Object.keys(value).length === 1 ? source : null;
};

const Secret = ({ source }: { source: string }): ReactNode => (
  <span className="jt-secret" title="A reference: the step's process alone is given the value">
    <Icon name="lock" size={12} /> secret <span className="jt-text">{source}</span>
  </span>
);
