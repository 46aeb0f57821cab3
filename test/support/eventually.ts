/** Waiting for what happens soon. */
import { vi } from "vitest";

/** Repeats `assertion` until it holds; fails with its error when it does not within five seconds. */
export const eventually = <T>(assertion: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(assertion, { timeout: 5000, interval: 10 });
