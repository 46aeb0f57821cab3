/** How long a review may take: what the API server says in `?timeout=5s`, less a tenth for the way back. */

/** Kubernetes' default `timeoutSeconds`. */
const DEFAULT_MS = 10_000;

/** What is left of it without the way back. */
const WAY_BACK = 0.9;

/** The longest `timeoutSeconds`; a longer one was not written by an API server. */
const MAX_MS = 30_000;

const MS_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
  ["us", 0.001],
  ["µs", 0.001],
  ["ns", 0.000_001],
]);

const DURATION = /^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|\u00b5s|ns))+$/;
const PART = /(\d+(?:\.\d+)?)(h|ms|m|s|us|\u00b5s|ns)/g;

/** Go's notation of a duration (`5s`, `1m30s`, `1.5s`) in milliseconds, or undefined. */
export const readGoDuration = (text: string): number | undefined => {
  if (text.length > 40 || !DURATION.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit = ""] of text.matchAll(PART)) total += Number(amount) * (MS_PER_UNIT.get(unit) ?? 0);
  return total;
};

let last = { timeout: "", budgetMs: DEFAULT_MS * WAY_BACK };

/** The budget in milliseconds; what is no duration counts as none given. */
export const readBudgetMs = (timeout: unknown): number => {
  if (typeof timeout !== "string") return DEFAULT_MS * WAY_BACK;
  // A webhook's timeout is the same for every request.
  if (timeout !== last.timeout) {
    const given = readGoDuration(timeout);
    const allowedMs = given === undefined || given === 0 ? DEFAULT_MS : Math.min(given, MAX_MS);
    last = { timeout, budgetMs: allowedMs * WAY_BACK };
  }
  return last.budgetMs;
};
