/** The serving certificate from two mounted files, swapped when they change. */

import { readFile } from "node:fs/promises";
import { type Watcher, type WatchTiming, watchPaths } from "../files/watch.ts";
import { messageOf } from "../reasons/text.ts";
import { type ReadCertificate, readCertificate, unusableBecause } from "./certificate.ts";
import type { CertificateSource, OnCertificate } from "./source.ts";

/** The files, and how they are watched. */
export interface CertificateFiles {
  readonly certPath: string;
  readonly keyPath: string;
  readonly timing?: WatchTiming;
}

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
 * meanwhile; it never replaces another.
 */
export const openCertificateFiles = async (
  files: CertificateFiles,
): Promise<{ readonly source: CertificateSource } | { readonly problem: string }> => {
  const first = await read(files);
  if ("problem" in first) return { problem: `${files.certPath}, ${files.keyPath}: ${first.problem}` };

  let current = first.certificate;
  let seen: string | undefined = current.cert + current.key;
  let watcher: Watcher | undefined;
  const reload = async (onCertificate: OnCertificate) => {
    const refuse = (problem: string) => {
      seen = undefined;
      onCertificate({ problem: `${files.certPath}, ${files.keyPath}: ${problem}` });
    };
    const next = await read(files);
    if ("problem" in next) return refuse(next.problem);
    const { certificate } = next;
    if (certificate.cert + certificate.key === seen) return;
    const unusable = unusableBecause(certificate, Date.now());
    if (unusable !== undefined) return refuse(unusable);
    seen = certificate.cert + certificate.key;
    current = certificate;
    onCertificate({ certificate });
  };
  return {
    source: {
      current: () => current,
      watch: async (onCertificate) => {
        watcher = await watchPaths([files.certPath, files.keyPath], () => reload(onCertificate), files.timing);
      },
      close: () => watcher?.close(),
    },
  };
};
