/** Where a command reads and writes: the one thing that it is given by the process. */
import pc from "picocolors";

/** Standard output or standard error. */
export interface Output {
  write(text: string): void;
  /** Does a person look at it? */
  readonly isTerminal: boolean;
  /** Its width, in characters. */
  readonly columns: number;
  readonly colors: ReturnType<typeof pc.createColors>;
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

/** NO_COLOR (https://no-color.org) and FORCE_COLOR before what the stream is. */
const hasColors = (stream: Stream, env: NodeJS.ProcessEnv): boolean => {
  if (env["NO_COLOR"]) return false;
  if (env["FORCE_COLOR"]) return env["FORCE_COLOR"] !== "0";
  return stream.isTTY === true && env["TERM"] !== "dumb";
};

/** An output on a stream of the process. */
export const createOutput = (stream: Stream, env: NodeJS.ProcessEnv): Output => ({
  write: (text) => {
    stream.write(text);
  },
  isTerminal: stream.isTTY === true,
  columns: stream.columns ?? 100,
  colors: pc.createColors(hasColors(stream, env)),
});
