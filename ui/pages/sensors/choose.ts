import { useState } from "react";
import type { SensorItem, SensorSummary } from "../../../client";

export type Facet = "on" | "failing" | "off";

/** It is on, and its last tick failed. */
export const isFailing = ({ status, last_tick }: SensorSummary): boolean =>
  status === "RUNNING" && last_tick?.status === "FAILURE";

/** `state` "" or unknown: all fit. */
export const fitting = (sensor: SensorSummary, state: string): boolean => {
  if (state === "failing") return isFailing(sensor);
  if (state === "on") return sensor.status === "RUNNING";
  return state !== "off" || sensor.status === "STOPPED";
};

/** By its name or the jobs that it launches or watches. */
export const fitsText = ({ name, jobs, monitored_jobs }: SensorSummary, text: string): boolean => {
  const all = [name, ...jobs, ...monitored_jobs].join(" ").toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
};

/** Failing ones first, then by name; where one stands is settled when it is first seen: nothing moves under the pointer. */
export const useOrdered = (sensors: readonly SensorItem[]): SensorItem[] => {
  const [order, setOrder] = useState<{ names: string; rank: Map<string, number> }>({ names: "", rank: new Map() });
  const names = sensors.map(({ name }) => name).join("\n");
  if (names !== order.names) {
    const sorted = [...sensors].sort((a, b) => Number(isFailing(b)) - Number(isFailing(a)));
    setOrder({ names, rank: new Map(sorted.map(({ name }, at) => [name, at])) });
  }
  return [...sensors].sort((a, b) => (order.rank.get(a.name) ?? 0) - (order.rank.get(b.name) ?? 0));
};
