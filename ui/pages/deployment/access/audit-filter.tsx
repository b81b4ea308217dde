import { type ReactNode, useState } from "react";
import { useSearch } from "wouter";
import type { AuditFilter } from "../../../../client";
import { writeParams } from "../../../data/url";
import { Button } from "../../../parts/buttons";
import type { Zone } from "../../../parts/format";
import { useZone } from "../../../parts/time";
import { ACTIONS } from "./actions";

const NAMES = ["who", "what", "on", "at", "since", "until"] as const;
type Name = (typeof NAMES)[number];
type Asked = Readonly<Record<Name, string>>;

/** As the address has it; "": not asked for. */
export const useAsked = (): Asked => {
  const params = new URLSearchParams(useSearch());
  return Object.fromEntries(NAMES.map((name) => [name, params.get(name) ?? ""])) as Asked;
};

export const setAsked = (values: Partial<Record<Name, string | null>>): void => writeParams(values, { push: true });

const NOTHING = Object.fromEntries(NAMES.map((name) => [name, null])) as Record<Name, null>;

/** The beginning of a day, `later` days later; null: that is no day. */
const midnight = (day: string, zone: Zone, later = 0): string | null => {
  const [y, m, d] = day.split("-").map(Number) as [number, number, number];
  const at = zone === "utc" ? new Date(Date.UTC(y, m - 1, d + later)) : new Date(y, m - 1, d + later);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
};

/** What is asked of the server; both days are within. */
export const useAuditFilter = (): AuditFilter => {
  const { who, what, on, at, since, until } = useAsked();
  const zone = useZone();
  const after = midnight(since, zone);
  const before = midnight(until, zone, 1);
  return {
    ...(who !== "" && { actor: who }),
    ...(what !== "" && { action: what }),
    ...(on !== "" && { object: on }),
    ...(at !== "" && { address: at }),
    ...(after !== null && { after }),
    ...(before !== null && { before }),
  };
};

/** Who, what, to what, from where and when: all of it at once. */
export const FilterFields = (): ReactNode => {
  const asked = useAsked();
  return (
    <div className="auditfilter" role="search" aria-label="Filter the audit log">
      <Field name="who" label="Who" placeholder="name or id" />
      <label>
        <span>What</span>
        <select className="input" value={asked.what} onChange={({ target }) => setAsked({ what: target.value })}>
          <option value="">anything</option>
          {Object.entries(ACTIONS).map(([name, { word }]) => (
            <option key={name} value={name}>
              {word}
            </option>
          ))}
        </select>
      </label>
      <Field name="on" label="Object" placeholder="runs, sensors/…" />
      <Field name="at" label="From where" placeholder="address" />
      <Field name="since" label="Since" type="date" />
      <Field name="until" label="Until" type="date" />
      {NAMES.some((name) => asked[name] !== "") && (
        <Button small kind="ghost" icon="close" onClick={() => setAsked(NOTHING)}>
          Remove the filter
        </Button>
      )}
    </div>
  );
};

interface FieldProps {
  name: Name;
  label: string;
  placeholder?: string;
  type?: "text" | "date";
}

/** It counts once it is complete: with Enter, when it is left, or as soon as a day is chosen. */
const Field = ({ name, label, placeholder, type = "text" }: FieldProps): ReactNode => {
  const value = useAsked()[name];
  const [text, setText] = useState(value);
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    setText(value);
  }
  const done = (): void => setAsked({ [name]: text.trim() });
  return (
    <label>
      <span>{label}</span>
      <input
        className="input"
        type={type}
        autoComplete="off"
        spellCheck={false}
        maxLength={200}
        placeholder={placeholder}
        value={text}
        onChange={({ target }) => (type === "date" ? setAsked({ [name]: target.value }) : setText(target.value))}
        onBlur={done}
        onKeyDown={({ key }) => key === "Enter" && done()}
      />
    </label>
  );
};
