import type { RunEvent } from "./types";

const ENDS = new Set(["RUN_SUCCESS", "RUN_FAILURE", "RUN_CANCELED"]);

/** True of the event with which a run ends. Those of its job's hooks come behind it. */
export const endsRun = ({ type }: RunEvent): boolean => ENDS.has(type);

export const pathOfRun = (id: string, ...rest: string[]): string =>
  `/runs/${[id, ...rest].map(encodeURIComponent).join("/")}`;
