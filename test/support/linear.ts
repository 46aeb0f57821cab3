/** Showing that work grows no faster than what it is done on. */

const RUNS = 3;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Processor time, in milliseconds: what others do on the machine is not in it. */
const measure = async (work: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/**
 * How much longer `work` takes for four times the size, by the medians of three runs each: 4 where it is linear, 16 where
 * it is quadratic. Under 20 ms says nothing and counts as 20.
 */
export const growth = async (size: number, work: (size: number) => () => Promise<unknown>): Promise<number> => {
  const times: Record<"small" | "large", number[]> = { small: [], large: [] };
  const small = work(size);
  const large = work(4 * size);
  // What is compiled and loaded at the first time is not measured.
  await small();
  for (let run = 0; run < RUNS; run++) {
    times.small.push(await measure(small));
    times.large.push(await measure(large));
  }
  return Math.max(median(times.large), 20) / Math.max(median(times.small), 20);
};

/** `count` texts, joined. */
export const repeat = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join("");
