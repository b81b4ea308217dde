import { type KeyboardEvent, type ReactNode, useState } from "react";
import { Button } from "../../parts/buttons";
import { Chip, Token } from "../../parts/chips";

interface Props {
  /** Of the job: each of its runs has them. */
  own: Record<string, string>;
  tags: Record<string, string>;
  onChange(tags: Record<string, string>): void;
}

/** The tags of the run to be. */
export const Tags = ({ own, tags, onChange }: Props): ReactNode => {
  const [typed, setTyped] = useState<string | null>(null);
  const add = (): void => {
    const [, key, value] = /^\s*([^:=]+?)\s*[:=]\s*(.*?)\s*$/.exec(typed ?? "") ?? [];
    if (key !== undefined && value !== undefined) onChange({ ...tags, [key]: value });
    setTyped(null);
  };
  const remove = (key: string): void =>
    onChange(Object.fromEntries(Object.entries(tags).filter(([other]) => other !== key)));
  const press = (event: KeyboardEvent): void => {
    if (event.key === "Escape") setTyped(null);
    if (event.key !== "Enter" || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    add();
  };
  return (
    <section>
      <h3>Tags</h3>
      <div className="launch-tags">
        {Object.entries(own)
          .filter(([key]) => !(key in tags))
          .map(([key, value]) => (
            <Chip key={key} name={key} value={value} />
          ))}
        {Object.entries(tags).map(([key, value]) => (
          <Token
            key={key}
            name={key}
            value={value}
            spoken={`tag ${key}: ${value}`}
            onOpen={() => {
              remove(key);
              setTyped(`${key}: ${value}`);
            }}
            onRemove={() => remove(key)}
          />
        ))}
        {typed === null ? (
          <Button small icon="plus" onClick={() => setTyped("")}>
            Add tag
          </Button>
        ) : (
          <input
            className="input"
            aria-label="Tag"
            placeholder="key: value"
            autoFocus
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
            onKeyDown={press}
            onBlur={add}
          />
        )}
      </div>
    </section>
  );
};
