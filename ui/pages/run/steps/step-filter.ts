import { STATUSES, type StepState } from "./steps";

/** What is looked for: every part must fit. */
export interface StepFilter {
  text: string;
  statuses: readonly StepState[];
}

/** The filter of an address: `status:failure,started fx`. */
export const readStepFilter = (f: string): StepFilter => {
  const words = f.split(/\s+/).filter(Boolean);
  const named = words.filter((word) => word.startsWith("status:"));
  const asked = named.flatMap((word) => word.slice(7).toUpperCase().split(","));
  return {
    text: words
      .filter((word) => !named.includes(word))
      .join(" ")
      .toLowerCase(),
    statuses: STATUSES.filter((status) => asked.includes(status)),
  };
};

/** The same, as an address has it. */
export const writeStepFilter = ({ text, statuses }: StepFilter): string =>
  [...(statuses.length > 0 ? [`status:${statuses.join(",").toLowerCase()}`] : []), text].filter(Boolean).join(" ");

/** Whether it leaves anything out. */
export const isFiltering = ({ text, statuses }: StepFilter): boolean => text !== "" || statuses.length > 0;
