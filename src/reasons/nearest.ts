/** What was probably meant by a name that there is not. */
import { quote } from "./text.ts";

/** So many names are looked at: there can be thousands, and as many mistakes. */
const MAX_NAMES = 100;

const distance = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
};

/** The one of `candidates` that was probably meant by `found`, if any is near enough (a third of its letters). */
export const nearest = (found: string, candidates: Iterable<string>): string | undefined => {
  const wanted = found.slice(0, 64).toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  let left = MAX_NAMES;
  for (const candidate of candidates) {
    if (left-- === 0) break;
    if (Math.abs(candidate.length - wanted.length) >= bestDistance) continue;
    const d = distance(wanted, candidate.toLowerCase());
    if (d < bestDistance) [best, bestDistance] = [candidate, d];
  }
  return best;
};

/** ` did you mean "x"?`, or nothing. */
export const didYouMean = (found: string, candidates: Iterable<string>): string => {
  const meant = nearest(found, candidates);
  return meant === undefined ? "" : ` did you mean ${quote(meant)}?`;
};
