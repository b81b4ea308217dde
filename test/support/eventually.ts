/**
 * Asks every 50 ms until the answer is as wanted (by default: something), for what tells nobody when it changes. It has no
 * limit but the test's: a busy machine is slow, not wrong.
 */
export const eventually = async <T>(
  ask: () => T | Promise<T>,
  wanted: (answer: T) => unknown = Boolean,
): Promise<T> => {
  for (;;) {
    const answer = await ask();
    if (await wanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
