/** Errors as people read them. */

const MAX_LENGTH = 300;

/** An error with its causes in one line, cut: the reason may be in them. */
export const describeError = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error).slice(0, MAX_LENGTH);
  const message = error.message || error.name;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const own = message.includes(code) ? message : `${message} (${code})`;
  return (error.cause === undefined ? own : `${own}: ${describeError(error.cause)}`).slice(0, MAX_LENGTH);
};
