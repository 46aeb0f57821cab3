/** Patterns of parameters, each with values that match the whole of it. */
export const PATTERNS: ReadonlyMap<string | undefined, readonly string[]> = new Map([
  [undefined, ["v", "a b", "😀", "it's", "a\\b", "$x ${y}", "\u00a0x", "\ufeff"]],
  ["[a-z]+", ["v", "abc"]],
  ["^a|b$", ["a", "b"]],
  ["(?i)[a-z0-9'-]{1,8}", ["A", "it's"]],
  ["[^\\s\\p{Z}\\p{Cf}]+", ["x😀", "\\d"]],
  [".*", ["anything", "x.y"]],
  ["['\"\\\\$(){}A-Z]+", ["$(A)", "${A}", "$$", "'\"\\"]],
]);
