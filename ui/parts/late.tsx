import { type ComponentType, type ReactNode, use, useEffect, useReducer, useRef } from "react";
import { loadChunk } from "../data/chunks";
import { useLink } from "../data/live/live";
import { Button } from "./buttons";
import { Empty } from "./states";
import { tellFailure } from "./toasts";

interface Leave {
  /** Of what can be closed, such as a dialog: where it cannot be loaded, it closes, and a toast says why. */
  onClose?: () => void;
}

/**
 * What is a chunk of its own, loaded when it is first shown. Where it cannot be had, that is said in its place; it is
 * tried again when it is shown again, when somebody asks for it, and when the server is back.
 */
export const late = <P extends object>(
  load: () => Promise<{ default: ComponentType<P> }>,
): ComponentType<P & Leave> => {
  let loading: Promise<ComponentType<P> | Error> | null = null;
  const begin = (): Promise<ComponentType<P> | Error> =>
    (loading ??= loadChunk(load).then(
      (chunk) => chunk.default,
      (error: Error) => error,
    ));
  const forget = (): void => void (loading = null);
  return function Late(props: P & Leave): ReactNode {
    const [, again] = useReducer((n: number) => n + 1, 0);
    const Part = use(begin());
    if (!(Part instanceof Error)) return <Part {...props} />;
    return props.onClose ? (
      <Closes error={Part} forget={forget} onClose={props.onClose} />
    ) : (
      <Missing error={Part} forget={forget} again={again} />
    );
  };
};

interface Failed {
  error: Error;
  /** The next time that it is shown, it is loaded anew. */
  forget(): void;
}

const Closes = ({ error, forget, onClose }: Failed & Required<Leave>): ReactNode => {
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
