import { type FormEvent, type ReactNode, useMemo, useState } from "react";
import { type KeyGroup, useKeys } from "../../../frame/keys";
import { Button, Key } from "../../../parts/buttons";
import { useFocusReturn } from "../../../parts/focus-return";
import { keyParts } from "../../../parts/key-parts";
import type { Steps } from "../steps/steps";

interface Props {
  steps: Steps;
  /** The step that is open; of bare keys of items, those of its op come first. */
  selected: string;
  go(step: number): void;
}

/** Leads to a step by its key: `work[318]`, or `318` alone. */
export const GoTo = (props: Props): ReactNode => {
  const [open, setOpen] = useState(false);
  useKeys(useMemo(() => keysOf(() => setOpen(true)), []));
  return (
    <>
      <Button small kind="ghost" className="ggo" hidden={open} onClick={() => setOpen(true)}>
        Go to step
      </Button>
      {open && <KeyForm {...props} close={() => setOpen(false)} />}
    </>
  );
};

const KeyForm = ({ steps, selected, go, close }: Props & { close(): void }): ReactNode => {
  const [wrong, setWrong] = useState(false);
  useFocusReturn();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get("key")).trim();
    const step = stepNamed(steps, text, selected);
    if (step === null) return setWrong(true);
    close();
    go(step);
  };
  return (
    <form className="ggoto" onSubmit={submit}>
      <input
        // It was opened to be typed in.
        autoFocus
        className="input mono"
        name="key"
        aria-label="Key of the step"
        placeholder="work[318] or 318"
        spellCheck={false}
        autoComplete="off"
        aria-invalid={wrong}
        onChange={() => setWrong(false)}
        onBlur={close}
        onKeyDown={(event) => {
          if (event.key === "Escape") close();
        }}
      />
      <span role="status" className={wrong ? "t-failure small nw" : "nw"}>
        {wrong ? "no such step" : <Key>↵</Key>}
      </span>
    </form>
  );
};

const keysOf = (open: () => void): KeyGroup => ({
  title: "Timeline",
  bindings: [{ keys: "G", label: "Go to a step by its key", act: open }],
});

/** The step that a text names; null: none. */
export const stepNamed = (steps: Steps, text: string, near: string): number | null => {
  const exact = steps.placeOf(text);
  if (exact !== undefined) return exact;
  const item = text.startsWith("[") ? text : `[${text}]`;
  for (const name of [keyParts(near).name, ...steps.nodes.map((node) => node.name)]) {
    const found = steps.placeOf(`${name}${item}`);
    if (found !== undefined) return found;
  }
  return null;
};
