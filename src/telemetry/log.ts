/** The log: JSON lines on stdout, one for each decision; never a pod's body, a token or a value of a variable. */
import { type DestinationStream, destination, type Logger, pino } from "pino";
import type { Answer, Reviewed } from "../admission/answer.ts";

/** The log. */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"];

/** A log of which all that is not written yet can be, before the process ends. */
export interface OpenLog {
  readonly log: Log;
  /** `log.info` of plain values, for which pino takes four times as long. */
  infoPlain(fields: object, message: string): void;
  /** Does `work`, and drops what it logs before it returns. */
  quietly(work: () => void): void;
  /** Resolves once all is written, or cannot be: a log that nobody takes any more holds nothing up. */
  flush(): Promise<void>;
}

/** Characters that may wait for a slow reader; lines beyond that are dropped. */
const MAX_WAITING = 1024 * 1024;

/** A reader that takes longer than this is not waited for. */
const FLUSH_MS = 1000;

/** Until a line is written out where no more come, in milliseconds. */
const WAIT_MS = 200;

/** The stream of lines, and what is beneath it. */
const buffered = () => {
  // A write per line would cost a request more than its decision.
  const out = destination({ dest: 1, sync: false, minLength: 32_768, maxWrite: 65_536, maxLength: MAX_WAITING });
  // Pods are admitted whatever becomes of the log: a full disk or a reader that is gone must not end the process, and
  // `flushSync`, which pino calls as it exits, would try for ever. What waits is tried again with the next line.
  out.on("error", () => {
    out.flushSync = () => {};
  });
  // Its own `periodicFlush` ticks for ever, be there lines or none.
  let timer: NodeJS.Timeout | undefined;
  let hasNewLines = false;
  const flushSoon = () => {
    if (timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      out.flush();
    }, WAIT_MS).unref();
  };
  // Nothing is flushed while a slow reader still takes what came before.
  out.on("drain", () => {
    if (hasNewLines) flushSoon();
    hasNewLines = false;
  });
  const write = (line: string) => {
    hasNewLines = true;
    out.write(line);
    flushSoon();
  };
  return { out, stream: { write } };
};

const flushed = (out: ReturnType<typeof destination>): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(limit);
      out.off("error", done);
      resolve();
    };
    const limit = setTimeout(done, FLUSH_MS);
    out.once("error", done);
    out.flush(done);
  });

/** The time as pino wants it. A date is written out once a second only: that takes longer than the rest of a line. */
const isoTime = (): (() => string) => {
  let second = -1;
  let prefix = "";
  return () => {
    const now = Date.now();
    const thisSecond = Math.floor(now / 1000);
    if (thisSecond !== second) {
      second = thisSecond;
      prefix = `,"time":"${new Date(second * 1000).toISOString().slice(0, 20)}`;
    }
    return `${prefix}${String(now % 1000).padStart(3, "0")}Z"`;
  };
};

/** Opens the log; `level` is LOG_LEVEL's text, and what is no level is `info`. Lines go to `stream`, else to stdout. */
export const openLog = (level: string | undefined, stream?: DestinationStream): OpenLog => {
  const own = stream === undefined ? buffered() : undefined;
  const lines = stream ?? own?.stream;
  let isQuiet = false;
  const write = (line: string): void => {
    if (!isQuiet) lines?.write(line);
  };
  const isLevel = level !== undefined && LEVELS.includes(level);
  const time = isoTime();
  const options = {
    level: isLevel ? level : "info",
    base: null,
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: time,
  };
  const log = pino(options, { write });
  const hasInfo = log.isLevelEnabled("info");
  const infoPlain = (fields: object, message: string): void => {
    if (hasInfo) write(`{"level":"info"${time()},${JSON.stringify({ ...fields, msg: message }).slice(1)}\n`);
  };
  if (level !== undefined && level !== "" && !isLevel)
    log.warn({ allowed: LEVELS }, "LOG_LEVEL is not a level; using info");
  const quietly = (work: () => void): void => {
    isQuiet = true;
    try {
      work();
    } finally {
      isQuiet = false;
    }
  };
  return { log, infoPlain, quietly, flush: async () => own && flushed(own.out) };
};

/** What is said of every answer, in the order in which it is written. */
const fieldsOf = (answer: Answer, milliseconds: number, reviewed: Reviewed) => {
  const { uid, namespace, serviceAccount, outcome, reason, providers } = answer;
  const rounded = Math.round(milliseconds * 1000) / 1000;
  const resource = reviewed === "pods" ? undefined : reviewed;
  return { resource, uid, namespace, serviceAccount, outcome, reason, milliseconds: rounded, providers };
};

/** Writes an answer's line; one about a pod does not say what it is about. */
export const logAnswer = (
  { log, infoPlain }: Pick<OpenLog, "log" | "infoPlain">,
  answer: Answer,
  milliseconds: number,
  reviewed: Reviewed,
): void => {
  const { status, error } = answer;
  const fields = fieldsOf(answer, milliseconds, reviewed);
  if (status === 200) {
    if (error === undefined) infoPlain(fields, "decided");
    else log.error({ ...fields, err: error }, "refused in spite of a fault");
    return;
  }
  const rest = { ...fields, status, answer: answer.body.trimEnd() };
  if (status === 500) log.error({ ...rest, err: error }, "failed");
  else log.warn(rest, "not decided");
};
