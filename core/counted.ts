/** "1 run", "2 runs". */
export const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
