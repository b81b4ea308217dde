import { scaleOf } from "../../ui/pages/job/scale";
import {
  bytes,
  clock,
  count,
  duration,
  exact,
  guess,
  moment,
  percent,
  rate,
  shortId,
  stamp,
  timesOfDay,
} from "../../ui/parts/format";

/** Figures keep together: their spaces do not break. */
const plain = (text: string): string => text.replaceAll("\u00a0", " ");
const S = 1_000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;

test.each([
  [0, "0 ms"],
  [0.4, "0.4 ms"],
  [38, "38 ms"],
  [999.4, "999 ms"],
  [999.6, "1.00 s"],
  [1_180, "1.18 s"],
  [9_994, "9.99 s"],
  [9_996, "10.0 s"],
  [55_200, "55.2 s"],
  [59_960, "1 m 00 s"],
  [3 * M + 6 * S, "3 m 06 s"],
  [12 * M + 38 * S, "12 m 38 s"],
  [59 * M + 59.6 * S, "1 h 00 m"],
  [2 * H + 10 * M, "2 h 10 m"],
  [3 * D + 4 * H, "3 d 4 h"],
  [-5, "0 ms"],
])("%d ms lasted %s", (ms, text) => expect(plain(duration(ms))).toBe(text));

test.each([
  [8_900, "00:08"],
  [52 * S, "00:52"],
  [H + 2 * M + 3 * S, "1:02:03"],
  [2 * D + H, "2 d 1:00:00"],
])("a clock at %d ms shows %s", (ms, text) => expect(plain(clock(ms))).toBe(text));

test("stamps tell seconds, and the day where it is another", () => {
  const at = (ms: number): string => plain(stamp(ms, Date.UTC(2025, 10, 25, 14, 3, 3), "utc"));
  expect(at(Date.UTC(2025, 10, 25, 14, 2, 11))).toBe("14:02:11");
  expect(at(Date.UTC(2025, 10, 24, 14, 2, 11))).toBe("24 Nov 14:02:11");
  expect(at(Date.UTC(2024, 10, 25, 14, 2, 11))).toBe("2024-11-25 14:02:11");
});

test("times along an axis have seconds where two of them would read the same", () => {
  const at = Date.UTC(2025, 10, 25, 14, 2, 11);
  expect(timesOfDay([at, at + M, at + 2 * M], "utc")).toEqual(["14:02", "14:03", "14:04"]);
  expect(timesOfDay([at, at + 10 * S, at + 2 * M], "utc")).toEqual(["14:02:11", "14:02:21", "14:04:11"]);
});

test("moments: ago within the hour, then the time, the day, the date", () => {
  const now = Date.UTC(2025, 10, 25, 14, 3, 3);
  const at = (ms: number): string => plain(moment(ms, now, "utc"));
  expect(at(now - 200)).toBe("now");
  expect(at(now - 12 * S)).toBe("12 s ago");
  expect(at(now - 59 * M - 59 * S)).toBe("59 m ago");
  expect(at(now - H)).toBe("13:03");
  expect(at(now - 24 * H)).toBe("24 Nov 14:03");
  expect(at(Date.UTC(2024, 11, 31))).toBe("2024-12-31");
  expect(at(now + 3 * S)).toBe("in 3 s");
});

test("an exact moment names its zone", () => {
  expect(exact(Date.UTC(2025, 10, 25, 14, 2, 11, 83), "utc")).toBe("2025-11-25 14:02:11.083 UTC");
});

test("counts are whole up to a million; what is not known is no zero", () => {
  expect([count(0), count(10_002), count(999_999), plain(count(1_200_000)), count(null)]).toEqual([
    "0",
    "10,002",
    "999,999",
    "1.2 M",
    "—",
  ]);
});

test("a share is never 100 % while one is missing, and never 0 % while there is one", () => {
  expect(
    [percent(10_000, 10_000), percent(9_999, 10_000), percent(994, 1000), percent(1, 100_000), percent(0, 7)].map(
      plain,
    ),
  ).toEqual(["100 %", "99.9 %", "99.4 %", "0.1 %", "0 %"]);
});

test("rates, sizes, guesses and ids", () => {
  expect(
    [rate(132), rate(0.2), bytes(1_200), bytes(6_100_000), bytes(999_960), guess(4 * M + 20 * S)].map(plain),
  ).toEqual(["132 /s", "0.2 /s", "1.2 KB", "6.1 MB", "1.0 MB", "≈ 4 m"]);
  expect(shortId("0198f3c2-7d41-7000-8000-000000000000")).toBe("0198f3c2-7d41");
});

test.each([
  [90, ["0", "50 ms"]],
  [75 * S, ["0", "20 s", "40 s", "60 s"]],
  [100 * S, ["0", "0.5 m", "1 m", "1.5 m"]],
  [22 * M, ["0", "10 m", "20 m"]],
])("the axis of runs of up to %i ms has round ticks, all in one unit", (most, words) => {
  const { top, ticks } = scaleOf(most, "duration");
  expect(top).toBeGreaterThan(most);
  expect(ticks.map(([, word]) => word)).toEqual(words);
});
