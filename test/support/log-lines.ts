/** A log whose lines a test reads. */
import { type OpenLog, openLog } from "../../src/telemetry/log.ts";

/** A line, parsed. */
export type LogLine = Readonly<Record<string, unknown>>;

/** A log, and what was written to it. */
export interface RecordedLog extends OpenLog {
  readonly lines: LogLine[];
  /** The lines of one message. */
  of(message: string): readonly LogLine[];
}

/** Opens one. */
export const recordLog = (level = "debug"): RecordedLog => {
  const lines: LogLine[] = [];
  const open = openLog(level, { write: (text: string) => void lines.push(JSON.parse(text)) });
  return { ...open, lines, of: (message) => lines.filter((line) => line["msg"] === message) };
};
