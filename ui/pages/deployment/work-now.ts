import type { Deployment } from "../../../client";
import { count, counted } from "../../parts/format";

type Node = Deployment["nodes"][number];

const TENTHS_BELOW = 10;

/** `8.4 ticks/s`, `38 req/s`; none at all is `0`, and few are not called none. */
const rate = (perSecond: number, unit: "ticks/s" | "req/s"): string => {
  const few = perSecond > 0 && perSecond < 0.1 ? "< 0.1" : String(Math.round(perSecond * 10) / 10);
  return `${perSecond >= TENTHS_BELOW ? count(Math.round(perSecond)) : few} ${unit}`;
};

/** What a process does at the moment: the part of each of its roles, those of workers aside, who have a page. */
export const workOf = ({ shards, runs, work }: Node): string[] => [
  ...(shards === null || runs === null ? [] : [`${counted(shards, "shard")}, ${counted(runs, "run")}`]),
  ...(work?.ticks_per_second == null ? [] : [rate(work.ticks_per_second, "ticks/s")]),
  ...(work?.requests_per_second == null ? [] : [rate(work.requests_per_second, "req/s")]),
  ...(work?.streams == null ? [] : [`${count(work.streams)} live`]),
];
