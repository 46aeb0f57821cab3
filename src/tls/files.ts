/** The serving certificate from two mounted files, swapped when they change. */

import { readFile } from "node:fs/promises";
import { type Watcher, type WatchTiming, watchPaths } from "../files/watch.ts";
import { messageOf } from "../reasons/text.ts";
import { type ReadCertificate, readCertificate } from "./certificate.ts";
import { Judgement, type WallClock } from "./judgement.ts";
import type { CertificateEvent, CertificateSource, OnCertificateEvent } from "./source.ts";

/** The files, and how they are watched. */
export interface CertificateFiles {
  readonly certPath: string;
  readonly keyPath: string;
  readonly timing?: WatchTiming;
  readonly now?: WallClock;
  /** How often what was read is judged again, in milliseconds. */
  readonly judgeEveryMs?: number;
}

/** A timer stops while the machine is suspended; what it then asks is the wall clock. */
const JUDGE_EVERY_MS = 5000;

const read = async ({ certPath, keyPath }: CertificateFiles): Promise<ReadCertificate> => {
  try {
    const [cert, key] = await Promise.all([readFile(certPath, "utf8"), readFile(keyPath, "utf8")]);
    return readCertificate(cert, key);
  } catch (error) {
    return { problem: `the files cannot be read: ${messageOf(error)}` };
  }
};

/**
 * Reads the pair. One out of date is taken at the start, since a later one may replace it, and readiness says so
 * meanwhile; it never replaces another before its time.
 */
export const openCertificateFiles = async (
  files: CertificateFiles,
): Promise<{ readonly source: CertificateSource } | { readonly problem: string }> => {
  const where = `${files.certPath}, ${files.keyPath}`;
  const first = await read(files);
  if ("problem" in first) return { problem: `${where}: ${first.problem}` };

  const judgement = new Judgement(first.certificate, files.now ?? Date.now);
  let watcher: Watcher | undefined;
  let timer: NodeJS.Timeout | undefined;
  const tell = (event: CertificateEvent | undefined, onEvent: OnCertificateEvent) => {
    if (event === undefined) return;
    // Of what is served no file has to be named: it may be an older one.
    const isOfFile = event.kind === "refused" || event.kind === "postponed";
    onEvent(isOfFile ? { ...event, problem: `${where}: ${event.problem}` } : event);
  };
  const reload = async (onEvent: OnCertificateEvent) => {
    const next = await read(files);
    tell("problem" in next ? judgement.refuse(next.problem) : judgement.offer(next.certificate), onEvent);
  };
  return {
    source: {
      current: () => judgement.current,
      unavailable: () => judgement.unusable(),
      watch: async (onEvent) => {
        timer = setInterval(() => tell(judgement.again(), onEvent), files.judgeEveryMs ?? JUDGE_EVERY_MS).unref();
        watcher = await watchPaths([files.certPath, files.keyPath], () => reload(onEvent), files.timing);
      },
      close: () => {
        clearInterval(timer);
        watcher?.close();
      },
    },
  };
};
