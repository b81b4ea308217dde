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
}

const UNDO_MS = 6_000;

let shown: readonly (Toast & { id: number })[] = [];
let lastId = 0;
const watchers = new Set<() => void>();
const change = (next: typeof shown): void => {
  shown = next;
  watchers.forEach((watcher) => watcher());
};
const close = (id: number): void => change(shown.filter((toast) => toast.id !== id));

/** Says what has been done, for 6 s or until it is closed. @returns what replaces it with another, or (null) closes it. */
export const tell = (toast: Toast): ((next: Toast | null) => void) => {
  const id = ++lastId;
  const wait = (stays: boolean | undefined): void => {
    if (!stays) setTimeout(() => close(id), UNDO_MS);
  };
  change([...shown, { ...toast, id }]);
  wait(toast.stays);
  return (next) => {
    if (next === null) return close(id);
    change(shown.map((known) => (known.id === id ? { ...next, id } : known)));
    wait(next.stays);
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
      {toasts.map(({ id, title, body, icon, undo }) => (
        <div key={id} className="toast">
          <div className="row">
            {icon}
            <b className="grow">{title}</b>
            {undo && (
              <button
                type="button"
                className="link"
                onClick={() => {
                  close(id);
                  undo();
                }}
              >
                Undo
              </button>
            )}
            <button type="button" className="copy" aria-label="Close" onClick={() => close(id)}>
              <Icon name="close" size={13} />
            </button>
          </div>
          {body !== undefined && <div className="t2 small">{body}</div>}
        </div>
      ))}
    </div>
  );
};
