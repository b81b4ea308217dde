import { writeParams } from "../../../data/url";

/** Opens the group of an op in the timeline. */
export const openGroup = (name: string): void =>
  writeParams({ tab: null, op: null, dir: null, skip: null, find: null, open: name }, { push: true });
