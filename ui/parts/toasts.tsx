import { type ReactNode, useSyncExternalStore } from "react";
import { Icon } from "./icon";

export interface Toast {
  title: string;
  /** Beneath the title. */
  body?: ReactNode;
  icon?: ReactNode;
  /** Takes back what was done; offered for 6 s. */
  undo?: () => void;
  /** It stays until somebody closes it. */
  stays?: boolean;
  /** What it is about: what was said of the same thing before is no longer true, nor can it be taken back. */
  of?: string;
}

const UNDO_MS = 6_000;

type Shown = Toast & { id: number };

let shown: readonly Shown[] = [];
let lastId = 0;
const watchers = new Set<() => void>();
const change = (next: typeof shown): void => {
  shown = next;
  watchers.forEach((watcher) => watcher());
};

const timers = new Map<number, number>();
/** The one that somebody points at, or has the focus in: its time stands still. */
let held: number | null = null;

const close = (id: number): void => {
  clearTimeout(timers.get(id));
  timers.delete(id);
  if (held === id) held = null;
  change(shown.filter((toast) => toast.id !== id));
};

const beginToEnd = ({ id, stays }: Shown): void => {
  clearTimeout(timers.get(id));
  if (!stays && held !== id)
    timers.set(
      id,
      window.setTimeout(() => close(id), UNDO_MS),
    );
};

const hold = ({ id }: Shown): void => {
  held = id;
  clearTimeout(timers.get(id));
};

const letGo = (toast: Shown): void => {
  held = null;
  beginToEnd(toast);
};

const takeBack = ({ id, undo }: Shown): void => {
  close(id);
  undo?.();
};

/** Takes back what was done last, where that is offered. @returns whether it was. */
export const undoLast = (): boolean => {
  const last = shown.findLast(({ undo }) => undo !== undefined);
  if (last) takeBack(last);
  return last !== undefined;
};

/** Says what has been done, for 6 s or until it is closed. @returns what replaces it with another, or (null) closes it. */
export const tell = (toast: Toast): ((next: Toast | null) => void) => {
  const own = { ...toast, id: ++lastId };
  for (const { id, of } of shown) if (of !== undefined && of === toast.of) close(id);
  change([...shown, own]);
  beginToEnd(own);
  return (next) => {
    if (next === null) return close(own.id);
    const changed = { ...next, id: own.id };
    change(shown.map((known) => (known.id === own.id ? changed : known)));
    beginToEnd(changed);
  };
};

/** Says that something could not be done, and why. */
export const tellFailure = (title: string, error: unknown): void =>
  void tell({
    title,
    body: (error as Error).message,
    icon: (
      <span className="si-failure">
        <Icon name="alert" size={15} />
      </span>
    ),
    stays: true,
  });

const watch = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

/** @param children cards of what goes on, above. */
export const Toasts = ({ children }: { children: ReactNode }): ReactNode => {
  const toasts = useSyncExternalStore(watch, () => shown);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {children}
      {toasts.map((toast) => (
        <Card key={toast.id} toast={toast} />
      ))}
    </div>
  );
};

const Card = ({ toast }: { toast: Shown }): ReactNode => {
  const { id, title, body, icon, undo } = toast;
  return (
    <div
      className="toast"
      onPointerEnter={() => hold(toast)}
      onPointerLeave={() => letGo(toast)}
      onFocus={() => hold(toast)}
      onBlur={() => letGo(toast)}
    >
      <div className="row">
        {icon}
        <b className="grow">{title}</b>
        {undo && (
          <button type="button" className="link" aria-keyshortcuts="u" onClick={() => takeBack(toast)}>
            Undo <kbd aria-hidden="true">u</kbd>
          </button>
        )}
        <button type="button" className="copy" aria-label="Close" onClick={() => close(id)}>
          <Icon name="close" size={13} />
        </button>
      </div>
      {body !== undefined && <div className="t2 small">{body}</div>}
    </div>
  );
};
