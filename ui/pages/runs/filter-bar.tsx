import { type KeyboardEvent, type ReactNode, useCallback, useId, useMemo, useRef, useState } from "react";
import type { RunFilter, RunItem } from "../../../client";
import { readToken, type Token, wordsOf, writeTokens } from "../../../client/filter-text";
import { type KeyGroup, useKeys } from "../../frame/keys";
import { Button, Key } from "../../parts/buttons";
import { Token as TokenChip } from "../../parts/chips";
import { Icon } from "../../parts/icon";
import { useZone } from "../../parts/time";
import { type Completion, useCompletions } from "./completions";
import { withToken } from "./filter";
import { tokenWords } from "./token-words";

interface Props {
  tokens: readonly Token[];
  /** What the address asks for besides, and nobody understands. */
  unread: string;
  filter: RunFilter;
  rows: readonly RunItem[];
  setTokens(tokens: Token[]): void;
}

/** What is asked for, part by part, and where the next part is written. */
export const FilterBar = ({ tokens, unread, filter, rows, setTokens }: Props): ReactNode => {
  const input = useRef<HTMLInputElement>(null);
  const list = useId();
  const focus = useCallback(() => input.current?.focus(), []);
  const keys = useMemo<KeyGroup>(
    () => ({ title: "Filter", bindings: [{ keys: "/", label: "Filter", act: () => focus() }] }),
    [focus],
  );
  useKeys(keys);
  const part = usePart({ tokens, filter, rows, setTokens });
  const { text, write, completions, open, at } = part;
  const wrong = part.wrong ?? (unread === "" ? null : unread);
  const others = (i: number): Token[] => tokens.filter((_, own) => own !== i);
  return (
    <div className="filterbar-place">
      <div className="filterbar">
        <Icon name="filter" size={14} className="dim" />
        {tokens.map((token, i) => (
          <FilterToken
            key={writeTokens([token])}
            token={token}
            onOpen={() => {
              setTokens(others(i));
              write(writeTokens([token]));
              focus();
            }}
            onRemove={() => setTokens(others(i))}
          />
        ))}
        <input
          ref={input}
          role="combobox"
          aria-label="Filter runs"
          aria-expanded={open}
          aria-controls={list}
          aria-invalid={wrong !== null}
          {...(open && at >= 0 && { "aria-activedescendant": `${list}-${at}` })}
          placeholder={tokens.length === 0 ? "status, job, tag, launched by, run id…" : ""}
          spellCheck={false}
          autoComplete="off"
          value={text}
          onChange={({ target }) => write(target.value)}
          onKeyDown={part.press}
          onFocus={() => part.setFocused(true)}
          onBlur={() => part.setFocused(false)}
        />
        {tokens.length > 0 && (
          <Button kind="ghost" small icon="close" aria-label="Clear the filter" onClick={() => setTokens([])} />
        )}
        <Key>/</Key>
      </div>
      {wrong !== null && <Wrong text={wrong} />}
      <Completions id={list} open={open} at={at} completions={completions} choose={part.choose} />
    </div>
  );
};

/** The part that is being written. */
const usePart = ({ tokens, filter, rows, setTokens }: Omit<Props, "unread">) => {
  const [text, setText] = useState("");
  const [focused, setFocused] = useState(false);
  const [at, setAt] = useState(-1);
  const [wrong, setWrong] = useState<string | null>(null);
  const completions = useCompletions(text, filter, rows);
  const open = focused && completions.length > 0;
  const write = (next: string): void => {
    setText(next);
    setAt(-1);
    setWrong(null);
  };
  const take = (written: string): void => {
    const parts = wordsOf(written).map(readToken);
    if (parts.some((part) => part === null)) return setWrong(written);
    setTokens(parts.reduce<Token[]>((known, part) => withToken(known, part!), [...tokens]));
    write("");
  };
  const choose = ({ insert, done }: Completion): void => (done ? take(insert) : write(insert));
  const press = (event: KeyboardEvent<HTMLInputElement>): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const tabbed = event.key === "Tab" && open && text !== "";
    if (step !== undefined && open) setAt((at + step + completions.length) % completions.length);
    else if (tabbed) choose(completions[Math.max(at, 0)]!);
    else if (event.key === "Enter" && completions[at]) choose(completions[at]);
    else if (event.key === "Enter" && text.trim() !== "") take(text);
    else if (event.key === "Backspace" && text === "" && tokens.length > 0) setTokens(tokens.slice(0, -1));
    else if (event.key === "Escape") event.currentTarget.blur();
    else return;
    event.preventDefault();
  };
  return { text, write, wrong, completions, open, at, choose, press, setFocused };
};

const Wrong = ({ text }: { text: string }): ReactNode => (
  <p className="wrong t-failure small" role="alert">
    “{text}” is no filter: try <code>status:failure</code>, <code>job:fx_*</code>, <code>tag:team=core</code>,{" "}
    <code>created:1h</code>, <code>duration&gt;30s</code>, or an id.
  </p>
);

interface CompletionsProps {
  id: string;
  open: boolean;
  at: number;
  completions: readonly Completion[];
  choose(completion: Completion): void;
}

const Completions = ({ id, open, at, completions, choose }: CompletionsProps): ReactNode => (
  <ul className="menu completions" role="listbox" id={id} aria-label="Completions" hidden={!open}>
    {completions.map((completion, i) => (
      <li
        key={completion.insert}
        id={`${id}-${i}`}
        role="option"
        aria-selected={i === at}
        onPointerDown={(event) => {
          event.preventDefault();
          choose(completion);
        }}
      >
        <span className="mono grow">{completion.insert}</span>
        <span className="dim num">{completion.beside}</span>
      </li>
    ))}
  </ul>
);

const FilterToken = ({ token, onOpen, onRemove }: { token: Token; onOpen(): void; onRemove(): void }): ReactNode => {
  const { name, value } = tokenWords(token, useZone());
  return (
    <TokenChip
      name={name}
      value={<span className="ell">{value}</span>}
      spoken={`${name} ${value}`}
      onOpen={onOpen}
      onRemove={onRemove}
    />
  );
};
