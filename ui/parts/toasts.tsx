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
/** Somebody points at one of them, or has the focus there: time stands still. */
let held = false;

const close = (id: number): void => {
  clearTimeout(timers.get(id));
  change(shown.filter((toast) => toast.id !== id));
  // What goes away under the pointer tells of no leaving.
  held &&= shown.length > 0;
};

const beginToEnd = ({ id, stays }: Shown): void => {
  clearTimeout(timers.get(id));
  if (!stays && !held)
    timers.set(
      id,
      window.setTimeout(() => close(id), UNDO_MS),
    );
};

const hold = (): void => {
  held = true;
  timers.forEach((timer) => clearTimeout(timer));
};

const letGo = (): void => {
  held = false;
  shown.forEach(beginToEnd);
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
    <div
      className="toasts"
      role="status"
      aria-live="polite"
      onPointerEnter={hold}
      onPointerLeave={letGo}
      onFocus={hold}
      onBlur={letGo}
    >
      {children}
      {toasts.map((toast) => (
        <div key={toast.id} className="toast">
          <div className="row">
            {toast.icon}
            <b className="grow">{toast.title}</b>
            {toast.undo && (
              <button type="button" className="link" onClick={() => takeBack(toast)}>
                Undo <kbd aria-hidden="true">u</kbd>
              </button>
            )}
            <button type="button" className="copy" aria-label="Close" onClick={() => close(toast.id)}>
              <Icon name="close" size={13} />
            </button>
          </div>
          {toast.body !== undefined && <div className="t2 small">{toast.body}</div>}
        </div>
      ))}
    </div>
  );
};
