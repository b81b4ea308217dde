import type { ReactNode } from "react";
import { useLink } from "../data/live/live";
import { Icon } from "../parts/icon";
import { useTick } from "../parts/time";

/** How news comes: `Live 38 ms`, `Polling 5 s`, `Offline 18 s`. */
export const Connection = (): ReactNode => {
  const link = useLink();
  if (link.kind === "offline") return <Offline since={link.since} />;
  if (link.kind === "polling")
    return (
      <div
        className="conn t-retry"
        role="status"
        title="The stream of changes cannot be had: what is shown is asked for again each 5 s"
      >
        <Icon name="retry" size={13} />
        <span className="word">Polling</span>
        <span className="num">5 s</span>
      </div>
    );
  const live = link.kind === "live";
  return (
    <div
      className="conn"
      role="status"
      title={live ? "Changes come as they happen" : "The stream of changes is being opened"}
    >
      <LiveDot on={live} />
      <span className="word">{live ? "Live" : "Connecting"}</span>
      {live && link.ms !== null && <span className="num dim">{link.ms} ms</span>}
    </div>
  );
};

const Offline = ({ since }: { since: number }): ReactNode => {
  const now = useTick();
  return (
    <div className="conn t-failure" role="status" title="The server does not answer">
      <Icon name="alert" size={13} />
      <span className="word">Offline</span>
      <span className="num" aria-hidden="true">
        {Math.max(0, Math.round((now - since) / 1000))} s
      </span>
    </div>
  );
};

export const LiveDot = ({ on }: { on: boolean }): ReactNode => (
  <span className="livedot" style={on ? undefined : { background: "var(--ctl)", boxShadow: "none" }} />
);
