/** Messages about a place in a file, as editors and CI systems recognise them. */
import type { Place } from "../manifests/document.ts";
import { line } from "../reasons/text.ts";
import type { Output } from "./terminal.ts";

/** How bad it is; a note asks nobody to do anything. */
export type Severity = "error" | "warning" | "note";

/** One message. */
export interface Message {
  readonly severity: Severity;
  readonly place: Place;
  /** The object it is about, as people call it. */
  readonly object?: string | undefined;
  readonly text: string;
  /** A reason code. */
  readonly code?: string | undefined;
}

/** `FILE:LINE:COLUMN: error: OBJECT: TEXT [CODE]`, safe to print and without a line break. */
export const showMessage = ({ severity, place, object, text, code }: Message, { colors }: Output): string => {
  const where = line(`${place.file}:${place.line}:${place.column}:`, 500);
  const what = line(`${object === undefined ? "" : `${object}: `}${text}`, 5000);
  const label = { error: colors.red, warning: colors.yellow, note: colors.dim }[severity](`${severity}:`);
  return `${colors.bold(where)} ${label} ${what}${code === undefined ? "" : colors.dim(` [${code}]`)}\n`;
};
