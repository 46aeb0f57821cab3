/**
 * What expressions inside the API server cost, in CEL's units. Nobody counts them when a policy is written; a pod that is
 * over a limit when it comes is refused with an error that helps nobody. So the worst pod is counted here, when a
 * configuration is read.
 * @see https://kubernetes.io/docs/reference/using-api/cel/#resource-constraints
 */
import { POD_LIMITS } from "../reasons/limits.ts";

/** The API server's limits for one expression, and for all of a policy. */
export const CEL_LIMITS = { expression: 1_000_000, policy: 10_000_000 } as const;

/** The worst pod that is judged. */
export const WORST = {
  tokens: POD_LIMITS["too-many-tokens"].max,
  characters: POD_LIMITS["audience-too-long"].max,
} as const;

/** Characters of an expression. The parser takes 100,000. */
export const MAX_EXPRESSION = 90_000;

/** Characters around a pattern that has to match the whole: `(?s)^(?:…)$`. */
const FRAME = 10;

/** Of a match of a text of `characters` with a pattern of `length`. */
export const matchCost = (length: number, characters: number = WORST.characters): number =>
  Math.ceil((characters + 1) / 10) * Math.ceil((length + FRAME) / 4);

/** The longest pattern that the worst pod's tokens can be matched with in one expression, with a tenth to spare. */
export const MAX_PATTERN = 332;

/** Characters of `pattern`, in which `*` is a wildcard, as a regular expression: at most. */
export const regexLength = (pattern: string): number =>
  pattern.length + pattern.replace(/[^\\^$.|?*+()[\]{}]/g, "").length;

/** `items` in groups, each as large as it may be; an item that is larger alone has a group of its own. */
export const grouped = <Item>(
  items: readonly Item[],
  sizeOf: (item: Item) => number,
  max: number,
): readonly (readonly Item[])[] => {
  const groups: Item[][] = [];
  let size = 0;
  for (const item of items) {
    const own = sizeOf(item);
    const last = groups.at(-1);
    if (last === undefined || size + own > max) {
      groups.push([item]);
      size = own;
    } else {
      last.push(item);
      size += own;
    }
  }
  return groups;
};

/** Of one token against patterns of these lengths, joined as far as they fit. */
export const patternsCost = (lengths: readonly number[]): number =>
  grouped(lengths, (length) => length + 1, MAX_PATTERN).reduce(
    (cost, group) => cost + 10 + matchCost(group.reduce((sum, length) => sum + length + 1, 0)),
    0,
  );
