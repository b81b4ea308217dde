import { type ReactNode, useSyncExternalStore } from "react";
import { StoredChoice, useStored } from "../data/stored";
import { useLink } from "../data/live/live";
import { onCorrection, serverNow } from "../data/server-clock";
import { clock, duration, exact, moment, stamp, type Zone } from "./format";

/** In which zone all times are shown, filtered and exported. */
export const zone = new StoredChoice<Zone>("dqueue.zone", ["utc", "local"]);
export const useZone = (): Zone => useStored(zone);

/** One ticking second for all that moves with it, so that all clocks of a page move together. */
class Second {
  now = serverNow();
  private readonly watchers = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    document.addEventListener("visibilitychange", () => this.watchers.size > 0 && this.tick());
    onCorrection(() => {
      this.now = serverNow();
      this.watchers.forEach((watcher) => watcher());
    });
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    if (this.watchers.size === 1) this.tick();
    return () => {
      this.watchers.delete(watcher);
      if (this.watchers.size === 0) clearTimeout(this.timer);
    };
  };

  /** Nobody sees the clocks of a hidden tab. */
  private tick(): void {
    clearTimeout(this.timer);
    if (document.hidden) return;
    this.now = serverNow();
    this.watchers.forEach((watcher) => watcher());
    this.timer = setTimeout(() => this.tick(), 1000 - (Date.now() % 1000));
  }
}
const second = new Second();

const still = (): (() => void) => () => undefined;

/** The time by the server's clock, each second anew. */
export const useTick = (): number => useSyncExternalStore(second.watch, () => second.now);

/** The time of what is shown, each second anew. While nothing is known of the server it stands still, as all that is shown does. */
export const useNow = (): number => {
  const link = useLink();
  const now = useSyncExternalStore(link.kind === "offline" ? still : second.watch, () => second.now);
  return link.kind === "offline" ? link.since : now;
};

/** A moment as people say it; the exact one on hover. */
export const Moment = ({ at }: { at: string }): ReactNode => {
  const shown = useZone();
  const now = useNow();
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={exact(ms, shown)} className="num">
      {moment(ms, now, shown)}
    </time>
  );
};

/** A moment to the second, for what is compared with other logs; the exact one on hover. */
export const Stamp = ({ at }: { at: string }): ReactNode => {
  const shown = useZone();
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={exact(ms, shown)} className="num">
      {stamp(ms, useNow(), shown)}
    </time>
  );
};

/** How long something took, or a clock while it goes on; `—` before it begins. */
export const Duration = ({ from, to }: { from: string | null; to: string | null }): ReactNode => {
  if (from === null) return <span className="dim">—</span>;
  if (to === null) return <Clock from={from} />;
  return <span className="num">{duration(Date.parse(to) - Date.parse(from))}</span>;
};

const Clock = ({ from }: { from: string }): ReactNode => {
  const now = useNow();
  return (
    <span className="num t-started" role="timer">
      {clock(now - Date.parse(from))}
    </span>
  );
};
