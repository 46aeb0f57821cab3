/** Patterns over namespaces and audiences, in which `*` is the only wildcard. */

/**
 * Does `pattern` match the whole of `value`? `*` stands for any run of characters, also an empty one. Linear in the
 * length of both, since the greedy choice for the pieces between two `*` is always right.
 */
export const matchesPattern = (pattern: string, value: string): boolean => {
  if (!pattern.includes("*")) return value === pattern;
  const pieces = pattern.split("*");
  const first = pieces[0] ?? "";
  const last = pieces[pieces.length - 1] ?? "";
  if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false;
  const end = value.length - last.length;
  let position = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = value.indexOf(piece, position);
    if (found === -1 || found + piece.length > end) return false;
    position = found + piece.length;
  }
  return true;
};

/** Does one of `patterns` match the whole of `value`? */
export const matchesAny = (patterns: readonly string[], value: string): boolean =>
  patterns.some((pattern) => matchesPattern(pattern, value));
