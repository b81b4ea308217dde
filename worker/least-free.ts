/** The least number from 1 on that is not among these. */
export const leastFree = (taken: readonly number[]): number => {
  let number = 1;
  while (taken.includes(number)) number++;
  return number;
};
