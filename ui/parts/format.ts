/** How figures read, everywhere. Durations and times are milliseconds. No spaces that break a line within a figure. */

const NB = "\u00a0";
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export type Zone = "utc" | "local";

const two = (n: number): string => String(n).padStart(2, "0");

/** Of what has ended: `0.4 ms`, `38 ms`, `1.18 s`, `55.2 s`, `3 m 06 s`, `2 h 10 m`, `3 d 4 h`. */
export const duration = (ms: number): string => {
  if (ms < 0) return duration(0);
  if (ms < 10) return `${Number.isInteger(ms) ? ms : ms.toFixed(1)}${NB}ms`;
  if (ms < 999.5) return `${Math.round(ms)}${NB}ms`;
  if (ms < 9_995) return `${(ms / SECOND).toFixed(2)}${NB}s`;
  if (ms < 59_950) return `${(ms / SECOND).toFixed(1)}${NB}s`;
  const s = Math.round(ms / SECOND);
  if (s < 3600) return `${Math.floor(s / 60)}${NB}m${NB}${two(s % 60)}${NB}s`;
  const m = Math.round(ms / MINUTE);
  if (m < 1440) return `${Math.floor(m / 60)}${NB}h${NB}${two(m % 60)}${NB}m`;
  const h = Math.round(ms / HOUR);
  return `${Math.floor(h / 24)}${NB}d${NB}${h % 24}${NB}h`;
};

/** Of what goes on: `00:52`, `1:02:03`, `2 d 1:02:03`. */
export const clock = (ms: number): string => {
  const s = Math.max(0, Math.floor(ms / SECOND));
  const [d, h, m] = [Math.floor(s / 86_400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60];
  const day = d > 0 ? `${d}${NB}d${NB}` : "";
  return h + d > 0 ? `${day}${h}:${two(m)}:${two(s % 60)}` : `${two(m)}:${two(s % 60)}`;
};

/** `≈ 4 m`: a guess, in one unit. */
export const guess = (ms: number): string => `≈${NB}${coarse(ms)}`;

const coarse = (ms: number, round = Math.round): string => {
  if (round(ms / SECOND) < 60) return `${Math.max(1, round(ms / SECOND))}${NB}s`;
  if (round(ms / MINUTE) < 60) return `${round(ms / MINUTE)}${NB}m`;
  return round(ms / HOUR) < 24 ? `${round(ms / HOUR)}${NB}h` : `${round(ms / DAY)}${NB}d`;
};

/** Parts of a time in a zone. */
const partsOf = (at: number, zone: Zone): { y: number; mo: number; d: number; h: number; mi: number; s: number } => {
  const date = new Date(zone === "local" ? at - new Date(at).getTimezoneOffset() * MINUTE : at);
  return {
    y: date.getUTCFullYear(),
    mo: date.getUTCMonth(),
    d: date.getUTCDate(),
    h: date.getUTCHours(),
    mi: date.getUTCMinutes(),
    s: date.getUTCSeconds(),
  };
};

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `14:02`, with `seconds` `14:02:11`. */
export const timeOfDay = (at: number, zone: Zone, seconds = false): string => {
  const { h, mi, s } = partsOf(at, zone);
  return `${two(h)}:${two(mi)}${seconds ? `:${two(s)}` : ""}`;
};

/** Moments along an axis as times of day, with seconds where two that follow each other would read the same. */
export const timesOfDay = (moments: readonly number[], zone: Zone): string[] => {
  const words = moments.map((at) => timeOfDay(at, zone));
  const same = words.some((word, at) => at > 0 && word === words[at - 1]);
  return same ? moments.map((at) => timeOfDay(at, zone, true)) : words;
};

/** `25 Nov` */
export const dayOf = (at: number, zone: Zone): string => {
  const { d, mo } = partsOf(at, zone);
  return `${d}${NB}${MONTHS[mo]!}`;
};

/** `12 s ago` within an hour, then `14:02` today, `24 Nov 14:02` this year, `2025-11-24`. What is to come: `in 3 s`. */
export const moment = (at: number, now: number, zone: Zone): string => {
  const past = now - at;
  if (past < -SECOND && past > -HOUR) return `in${NB}${coarse(-past)}`;
  if (past >= -SECOND && past < HOUR) return past < SECOND ? "now" : `${coarse(past, Math.floor)}${NB}ago`;
  const then = partsOf(at, zone);
  const today = partsOf(now, zone);
  if (then.y !== today.y) return `${then.y}-${two(then.mo + 1)}-${two(then.d)}`;
  const time = timeOfDay(at, zone);
  return then.mo === today.mo && then.d === today.d ? time : `${then.d}${NB}${MONTHS[then.mo]!}${NB}${time}`;
};

/** `14:02:11` today, `24 Nov 14:02:11` this year, `2024-11-25 14:02:11`. */
export const stamp = (at: number, now: number, zone: Zone): string => {
  const [then, today] = [exact(at, zone), exact(now, zone)];
  const time = then.slice(11, 19);
  if (then.slice(0, 10) === today.slice(0, 10)) return time;
  return then.slice(0, 4) === today.slice(0, 4) ? `${dayOf(at, zone)}${NB}${time}` : then.slice(0, 19).replace(" ", NB);
};

/** `2025-11-25 14:02:11.083 UTC`, in local time with its offset: `2025-11-25 15:02:11.083 +01:00`. */
export const exact = (at: number, zone: Zone): string => {
  const { y, mo, d, h, mi, s } = partsOf(at, zone);
  const ms = String(((at % SECOND) + SECOND) % SECOND).padStart(3, "0");
  return `${y}-${two(mo + 1)}-${two(d)} ${two(h)}:${two(mi)}:${two(s)}.${ms} ${zone === "utc" ? "UTC" : offsetAt(at)}`;
};

const offsetAt = (at: number): string => {
  const minutes = -new Date(at).getTimezoneOffset();
  const whole = Math.abs(minutes);
  return `${minutes < 0 ? "−" : "+"}${two(Math.floor(whole / 60))}:${two(whole % 60)}`;
};

const grouped = new Intl.NumberFormat("en-US");

/** `10,002` in full, `1.2 M` from a million up; `—`: not known. */
export const count = (n: number | null | undefined): string => {
  if (n === null || n === undefined) return "—";
  if (n < 1e6) return grouped.format(n);
  return n < 1e9 ? `${(n / 1e6).toFixed(n < 1e7 ? 1 : 0)}${NB}M` : `${(n / 1e9).toFixed(1)}${NB}G`;
};

/** `132`, `0.2`, `0.03` */
export const perSecond = (n: number): string =>
  n === 0 ? "0" : n < 0.095 ? n.toFixed(2) : n < 10 ? n.toFixed(1) : grouped.format(Math.round(n));

/** `132 /s`, `0.2 /s` */
export const rate = (n: number): string => `${perSecond(n)}${NB}/s`;

const SIZES = ["B", "KB", "MB", "GB", "TB", "PB"];

/** `1.2 KB`, `6.1 MB`: powers of 1,000. */
export const bytes = (n: number): string => {
  let value = n;
  let unit = 0;
  for (; value >= 999.5 && unit < SIZES.length - 1; unit++) value /= 1000;
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)}${NB}${SIZES[unit]!}`;
};

/** `99.4 %`; never `100 %` while one is missing, never `0 %` while there is one. */
export const percent = (part: number, whole: number): string => {
  if (whole === 0) return "—";
  const tenths = Math.round((1000 * part) / whole);
  const shown = part < whole ? Math.min(999, part > 0 ? Math.max(1, tenths) : 0) : 1000;
  return `${shown % 10 === 0 ? shown / 10 : (shown / 10).toFixed(1)}${NB}%`;
};

/** `0198f3c2-7d41`: 12 digits, never 8, since the first 8 are the same for all runs of a minute. */
export const shortId = (id: string): string => id.slice(0, 13);

/** `4f1c9e2`: the first 7 digits of a code version. */
export const shortCode = (version: string): string => version.slice(0, 7);

/** `1 run`, `1,200 runs` */
export const counted = (n: number, one: string, many = `${one}s`): string => `${count(n)}${NB}${n === 1 ? one : many}`;
