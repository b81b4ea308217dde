const two = (n: number): string => String(n).padStart(2, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Times are shown by the clock on the wall, where the command runs. */
export const clock = (time: string | Date): string => {
  const at = new Date(time);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
};

export const clockWithMs = (time: string): string =>
  `${clock(time)}.${String(new Date(time).getMilliseconds()).padStart(3, "0")}`;

const day = (at: Date): string => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;

export const dayAndClock = (time: string): string => `${day(new Date(time))} ${clock(time)}`;

/** As short as it can be told today: 18:40:34, else Nov 24 18:40, else 2025-11-24. */
export const shortTime = (time: string, today = new Date()): string => {
  const at = new Date(time);
  if (day(at) === day(today)) return clock(at);
  if (at.getFullYear() !== today.getFullYear()) return day(at);
  return `${MONTHS[at.getMonth()]} ${String(at.getDate()).padStart(2)} ${clock(at).slice(0, 5)}`;
};

/** A length of time as people say it: 340 ms, 4.2 s, 3 min 5 s, 2 h 10 min. */
export const duration = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1_000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

/** From its start to its end, or until now; empty before it has started. */
export const took = ({ started_at, ended_at }: { started_at: string | null; ended_at: string | null }): string => {
  if (started_at === null) return "";
  // The server's clock may be ahead of ours.
  const end = ended_at === null ? Math.max(Date.now(), Date.parse(started_at)) : Date.parse(ended_at);
  return duration(end - Date.parse(started_at));
};
