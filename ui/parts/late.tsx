import { type ComponentType, type ReactNode, useEffect, useReducer, useRef } from "react";
import { loadChunk } from "../data/chunks";
import { useLink } from "../data/live/live";
import { Button } from "./buttons";
import { Empty } from "./states";
import { tellFailure } from "./toasts";

interface Lateness {
  /** Stands in its place until it is there; nothing if not given. */
  coming?: ReactNode;
  /** Of what can be closed, such as a dialog: where it cannot be loaded, it closes, and a toast says why. */
  onClose?: () => void;
}

/**
 * What is a chunk of its own, loaded when it is first shown. Where it cannot be had, that is said in its place; it is
 * tried again when it is shown again, when somebody asks for it, and when the server is back. No Suspense: React holds
 * back what is there for 300 ms, to reckon from when it showed that it is not. With `begin` it is loaded ahead: what has
 * come by then is there as soon as it is shown.
 */
export const late = <P extends object>(
  load: () => Promise<{ default: ComponentType<P> }>,
): ComponentType<P & Lateness> & { begin(): Promise<void> } => {
  let part: ComponentType<P> | Error | null = null;
  let loading: Promise<void> | null = null;
  const begin = (): Promise<void> =>
    (loading ??= loadChunk(load).then(
      (chunk) => void (part = chunk.default),
      (error: Error) => void (part = error),
    ));
  const forget = (): void => void (part = loading = null);
  const Late = (props: P & Lateness): ReactNode => {
    const [, again] = useReducer((n: number) => n + 1, 0);
    const Part = part;
    const begun = Part === null ? begin() : null;
    useEffect(() => void begun?.then(again), [begun]);
    if (Part === null) return props.coming;
    if (!(Part instanceof Error)) return <Part {...props} />;
    return props.onClose ? (
      <Closes error={Part} forget={forget} onClose={props.onClose} />
    ) : (
      <Missing error={Part} forget={forget} again={again} />
    );
  };
  return Object.assign(Late, { begin });
};

interface Failed {
  error: Error;
  /** The next time that it is shown, it is loaded anew. */
  forget(): void;
}

const Closes = ({ error, forget, onClose }: Failed & Required<Pick<Lateness, "onClose">>): ReactNode => {
  const latest = useRef(onClose);
  useEffect(() => {
    forget();
    tellFailure("This could not be loaded", error);
    latest.current();
  }, [error, forget]);
  return null;
};

const Missing = ({ error, forget, again }: Failed & { again(): void }): ReactNode => {
  const away = useLink().kind === "offline";
  const wasAway = useRef(away);
  useEffect(() => forget, [forget]);
  useEffect(() => {
    if (wasAway.current && !away) {
      forget();
      again();
    }
    wasAway.current = away;
  }, [away, forget, again]);
  return (
    <Empty
      icon="alert"
      title="This could not be loaded"
      acts={
        <Button icon="retry" onClick={() => location.reload()}>
          Load the page anew
        </Button>
      }
    >
      {error.message}
    </Empty>
  );
};
