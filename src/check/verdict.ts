/** What a check comes to. */
import { line } from "../reasons/text.ts";
import type { Read } from "./read.ts";

/** How it stands. A warning is something that works, but not as it should, or that could not be judged. */
export type Level = "pass" | "warn" | "fail";

/** One check's result; every text is one line, safe to print. */
export interface Verdict {
  readonly level: Level;
  readonly text: string;
  /** What to do; undefined with `pass`. */
  readonly advice: string | undefined;
  /** More than fits into a sentence, a line each. */
  readonly details: readonly string[];
  /** The numbers and names behind the sentence, for scripts. */
  readonly data: Readonly<Record<string, unknown>> | undefined;
}

/** What stands beside the sentence. */
export interface More {
  readonly details?: readonly string[];
  readonly data?: Readonly<Record<string, unknown>>;
}

const MAX_TEXT = 1000;
/** Of many lines so many are shown; the sentence has the number. */
const MAX_DETAILS = 30;

const verdict = (level: Level, text: string, advice: string | undefined, { details = [], data }: More): Verdict => {
  const shown = details.slice(0, MAX_DETAILS).map((detail) => line(detail, MAX_TEXT));
  const rest = details.length - shown.length;
  return {
    level,
    text: line(text, MAX_TEXT),
    advice: advice === undefined ? undefined : line(advice, MAX_TEXT),
    details: rest > 0 ? [...shown, `and ${rest} more`] : shown,
    data,
  };
};

/** All is well. */
export const pass = (text: string, more: More = {}): Verdict => verdict("pass", text, undefined, more);

/** It works, but not as it should. */
export const warn = (text: string, advice: string, more: More = {}): Verdict => verdict("warn", text, advice, more);

/** It does not work. */
export const fail = (text: string, advice: string, more: More = {}): Verdict => verdict("fail", text, advice, more);

/** The verdict where `what` could not be read, for a reason that is not the installation's. */
export const unjudged = (what: string, read: Extract<Read<never>, { kind: "forbidden" | "failed" }>): Verdict =>
  read.kind === "forbidden"
    ? warn(
        `${what}: not judged; these credentials may not ${read.permission}`,
        `Run the check with credentials that may ${read.permission}.`,
        { data: { missingPermission: read.permission } },
      )
    : warn(`${what}: not judged; ${read.message}`, "Run the check again; if it stays, look at the API server.");

/** `1 pod`, `3 pods`; `plural` where that is more than an s. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`;
