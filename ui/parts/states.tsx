import { type ReactNode, useEffect, useRef, useState } from "react";
import { ApiError } from "../../client";
import { passing } from "../data/cache";
import { Button } from "./buttons";
import { copyText, CopyButton } from "./copy";
import { Icon, type IconName } from "./icon";

const PATIENCE_MS = 150;
const RETRY_S = 5;

/** Nothing for 150 ms, then what stands for what is to come. */
export const Soon = ({ children }: { children: ReactNode }): ReactNode => {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div aria-busy="true">
      <span className="sr">Loading</span>
      {late && children}
    </div>
  );
};

const WIDTHS = [58, 86, 60, 120];

/** Rows to come, in their height. */
export const SkeletonRows = ({ rows = 12 }: { rows?: number }): ReactNode => (
  <div aria-hidden="true">
    {Array.from({ length: rows }, (_, i) => (
      <div key={i} className="skr">
        <i className="sk" style={{ width: 14, height: 14 }} />
        {WIDTHS.map((width, at) => (
          <i key={at} className="sk" style={{ width: width - ((i * 7) % 23), height: at === 3 ? 6 : 10 }} />
        ))}
        <span className="grow" />
        <i className="sk" style={{ width: 46, height: 10 }} />
      </div>
    ))}
  </div>
);

interface EmptyProps {
  icon?: IconName;
  title: string;
  children?: ReactNode;
  /** To be copied into a terminal. */
  command?: string;
  /** Buttons. */
  acts?: ReactNode;
}

/** There is nothing, and what to do about it. */
export const Empty = ({ icon, title, children, command, acts }: EmptyProps): ReactNode => (
  <div className="empty">
    {icon && (
      <span className="pic">
        <Icon name={icon} size={22} />
      </span>
    )}
    <h2>{title}</h2>
    {children !== undefined && <p>{children}</p>}
    {command !== undefined && (
      <div className="cmd">
        <code>{command}</code>
        <CopyButton text={command} what="command" />
      </div>
    )}
    {acts !== undefined && <div className="acts">{acts}</div>}
  </div>
);

/** An error where there is nothing else to show. It tries again by itself, where that may help. */
export const Problem = ({ title, error, retry }: { title: string; error: Error; retry(): void }): ReactNode => {
  const passes = passing(error);
  const left = useCountdown(error, retry, passes);
  const code = codeOf(error);
  return (
    <div className="problem" role="alert">
      <span className="si-failure">
        <Icon name="alert" size={18} />
      </span>
      <div className="grow">
        <h2>{title}</h2>
        <p>{error.message}</p>
        <div className="code mono">{code}</div>
        <div className="acts">
          <Button icon="retry" onClick={retry}>
            Try again
          </Button>
          {passes && (
            <span className="dim small num" aria-hidden="true">
              next try in {left} s
            </span>
          )}
          <span className="grow" />
          <Button icon="copy" kind="ghost" onClick={() => void copyText(`${title}\n${error.message}\n${code}`)}>
            Copy details
          </Button>
        </div>
      </div>
    </div>
  );
};

const codeOf = (error: Error): string => {
  if (!(error instanceof ApiError)) return error.name;
  const { status, code, problem } = error;
  const request = problem.request_id !== undefined ? [`request ${problem.request_id}`] : [];
  return [...(status > 0 ? [String(status)] : []), code, ...request].join(" · ");
};

/** Seconds until the next try, which it makes. Each error begins anew. */
const useCountdown = (error: Error, retry: () => void, tries: boolean): number => {
  const [left, setLeft] = useState(RETRY_S);
  const latest = useRef(retry);
  useEffect(() => {
    latest.current = retry;
  });
  useEffect(() => {
    if (!tries) return;
    let seconds = RETRY_S;
    const timer = setInterval(() => {
      seconds = seconds > 1 ? seconds - 1 : RETRY_S;
      setLeft(seconds);
      if (seconds === RETRY_S) latest.current();
    }, 1000);
    return () => clearInterval(timer);
  }, [error, tries]);
  return left;
};

interface LoadedProps<T> {
  query: { data: T | undefined; error: Error | null; refetch(): unknown };
  /** "Runs could not be loaded" */
  failed: string;
  /** What stands there before the first answer; of the final geometry. */
  skeleton?: ReactNode;
  children(data: T): ReactNode;
}

/** What was asked for, as soon as it is there: before, a skeleton, or the error; afterwards an error stands above it. */
export const Loaded = <T,>({ query, failed, skeleton = <SkeletonRows />, children }: LoadedProps<T>): ReactNode => {
  const { data, error } = query;
  const retry = (): void => void query.refetch();
  if (data === undefined)
    return error ? <Problem title={failed} error={error} retry={retry} /> : <Soon>{skeleton}</Soon>;
  return (
    <>
      {error && (
        <Strip
          action={
            <Button small onClick={retry}>
              Try again
            </Button>
          }
        >
          <b>{failed}.</b> {error.message}
        </Strip>
      )}
      {children(data)}
    </>
  );
};

/** Above data that may no longer be true. */
export const Strip = ({ children, action }: { children: ReactNode; action?: ReactNode }): ReactNode => (
  <div className="strip" role="status">
    <Icon name="alert" size={14} />
    <span className="grow">{children}</span>
    {action}
  </div>
);
