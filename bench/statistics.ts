/** Statistics of small samples. */

/** The value below which the share `share` of the values is; 0 where there are none. */
export const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

/** The middle one. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);
