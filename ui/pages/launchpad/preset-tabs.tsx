import { type KeyboardEvent, type ReactNode, useState } from "react";
import { Link, useLocation } from "wouter";
import { Button } from "../../parts/buttons";
import { Icon } from "../../parts/icon";
import { tell, tellFailure } from "../../parts/toasts";
import type { Draft } from "./draft";
import { type Preset, removePreset, savePreset, usePresets } from "./presets";

interface Props {
  job: string;
  path: string;
  open: Preset | null;
  draft: Draft;
}

const hrefOf = (path: string, name: string): string => `${path}?preset=${encodeURIComponent(name)}`;

/** A tab for each preset. */
export const PresetTabs = ({ job, path, open, draft }: Props): ReactNode =>
  usePresets(job).map(({ name }) => (
    <Link key={name} href={hrefOf(path, name)} {...(name === open?.name && { "aria-current": "page" as const })}>
      <Icon name="star" size={13} />
      <span className="ell">{name}</span>
      {name === open?.name && draft.savedAt !== null && <i className="changed" title="Changed, kept in this browser" />}
    </Link>
  ));

/** Keeps what is written under a name, and forgets it. */
export const PresetVerbs = ({ job, path, open, draft, discard }: Props & { discard(): void }): ReactNode => {
  const [naming, setNaming] = useState(false);
  const [, navigate] = useLocation();
  const save = (name: string): void => {
    try {
      savePreset(job, { ...draft, name });
      tell({ title: `Preset ${name} is saved in this browser` });
      discard();
      navigate(hrefOf(path, name));
    } catch (error) {
      tellFailure(`Preset ${name} was not saved`, error);
    }
  };
  const remove = ({ name }: Preset): void => {
    const gone = open!;
    removePreset(job, name);
    tell({ title: `Preset ${name} is removed`, undo: () => savePreset(job, gone) });
    navigate(path);
  };
  return (
    <>
      {open !== null && draft.savedAt !== null && (
        <Button small kind="ghost" onClick={() => save(open.name)}>
          Save
        </Button>
      )}
      {open !== null && (
        <Button
          small
          kind="ghost"
          icon="close"
          aria-label={`Remove preset ${open.name}`}
          onClick={() => remove(open)}
        />
      )}
      {!naming ? (
        <Button small kind="ghost" icon="star" onClick={() => setNaming(true)}>
          Save as…
        </Button>
      ) : (
        <NameInput save={save} close={() => setNaming(false)} />
      )}
    </>
  );
};

const NameInput = ({ save, close }: { save(name: string): void; close(): void }): ReactNode => {
  const press = (event: KeyboardEvent<HTMLInputElement>): void => {
    const name = event.currentTarget.value.trim();
    if (event.key === "Escape") close();
    if (event.key !== "Enter" || name === "" || event.metaKey || event.ctrlKey) return;
    close();
    save(name);
  };
  return (
    <input
      className="input preset-name"
      aria-label="Name of the preset"
      placeholder="Name, then Enter"
      maxLength={60}
      autoFocus
      onKeyDown={press}
      onBlur={close}
    />
  );
};
