/** Where a command reads and writes: the one thing that it is given by the process. */
import { randomUUID } from "node:crypto";
import pc from "picocolors";
import { escapeControls } from "../reasons/text.ts";

/** What is done to a text that a person is to notice; each gives it back as it is where there are no colours. */
export type Colors = Pick<
  ReturnType<typeof pc.createColors>,
  "isColorSupported" | "bold" | "dim" | "red" | "green" | "yellow" | "cyan"
>;

/** Standard output or standard error. */
export interface Output {
  /**
   * Writes `text`. On a terminal every control character in it is escaped but line breaks, tabs and what
   * {@link Output.colors} made of it; elsewhere nothing is.
   */
  write(text: string): void;
  /** Shows `text` on a terminal's last line until something else is written; elsewhere nothing. */
  progress(text: string): void;
  /** Does a person look at it? */
  readonly isTerminal: boolean;
  /** Its width, in characters. */
  readonly columns: number;
  readonly colors: Colors;
}

/** The three streams. */
export interface Terminal {
  readStdin(): Promise<string>;
  readonly out: Output;
  readonly err: Output;
}

interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const ESCAPE = "\u001b";
/** Back to the line's start, and nothing behind it (ECMA-48, EL). */
const CLEAR_LINE = `\r${ESCAPE}[K`;

/** NO_COLOR (https://no-color.org) and FORCE_COLOR before what the stream is. */
const hasColors = (stream: Stream, env: NodeJS.ProcessEnv): boolean => {
  if (env["NO_COLOR"]) return false;
  if (env["FORCE_COLOR"]) return env["FORCE_COLOR"] !== "0";
  return stream.isTTY === true && env["TERM"] !== "dumb";
};

/** Colours of which the escape characters are `mark`, which nobody outside can write, until they are written. */
const markedColors = (isEnabled: boolean, safe: (text: string) => string, mark: string): Colors => {
  const colors = pc.createColors(isEnabled);
  if (!isEnabled) return colors;
  const marked = (paint: (text: string) => string) => (text: unknown) =>
    paint(safe(String(text)).replaceAll(mark, ESCAPE)).replaceAll(ESCAPE, mark);
  return {
    isColorSupported: true,
    bold: marked(colors.bold),
    dim: marked(colors.dim),
    red: marked(colors.red),
    green: marked(colors.green),
    yellow: marked(colors.yellow),
    cyan: marked(colors.cyan),
  };
};

/** An output on a stream of the process. */
export const createOutput = (stream: Stream, env: NodeJS.ProcessEnv): Output => {
  const isTerminal = stream.isTTY === true;
  const safe = isTerminal ? escapeControls : (text: string) => text;
  const mark = `<${randomUUID()}>`;
  const isColored = hasColors(stream, env);
  let hasProgress = false;
  const clearProgress = () => {
    if (hasProgress) stream.write(CLEAR_LINE);
    hasProgress = false;
  };
  return {
    write: (text) => {
      clearProgress();
      const shown = safe(text);
      stream.write(isColored ? shown.replaceAll(mark, ESCAPE) : shown);
    },
    progress: (text) => {
      if (!isTerminal) return;
      clearProgress();
      stream.write(
        safe(text)
          .replaceAll("\n", " ")
          .slice(0, (stream.columns ?? 100) - 1),
      );
      hasProgress = true;
    },
    isTerminal,
    columns: stream.columns ?? 100,
    colors: markedColors(isColored, safe, mark),
  };
};
