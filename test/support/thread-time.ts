/** How long this thread works: what else runs on the machine is not in it, as it would be in the time of a clock. */

/** Milliseconds that this thread has worked so far. The kernel counts them in steps of up to 4. */
export const threadMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/** Milliseconds that this thread works for `work`. */
export const workMs = (work: () => unknown): number => {
  const startMs = threadMs();
  work();
  return threadMs() - startMs;
};

/** Runs until `isDone`; the longest that this thread worked, in milliseconds, while nothing else had a turn. */
export const longestTurnMs = async (isDone: () => boolean): Promise<number> => {
  let longest = 0;
  while (!isDone()) {
    const startMs = threadMs();
    await new Promise((resolve) => setImmediate(resolve));
    longest = Math.max(longest, threadMs() - startMs);
  }
  return longest;
};
