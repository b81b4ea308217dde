/** What `asked` resolves with. Rejects if that takes longer than `ms`: whoever looks waits no longer. */
export const inTime = async <T>(ms: number, asked: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${ms / 1000} s.`)), ms);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** Resolves when the promise is settled either way, or after `ms`. */
export const within = async (ms: number, promise: Promise<unknown>): Promise<void> => {
  await inTime(ms, promise).catch(() => undefined);
};
