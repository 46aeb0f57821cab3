/** What managed certificates tell of themselves, as metrics and log lines. */
import type { Log } from "./log.ts";
import type { CaCause, TlsMetrics, WriteResult } from "./tls-metrics.ts";

/** How it stands, as `src/tls/managed/condition.ts` says it. */
interface Condition {
  readonly missing: string | undefined;
  readonly notices: readonly string[];
}

const logCondition = (log: Log, { missing, notices }: Condition): void => {
  if (missing !== undefined) log.warn({ problem: missing }, "not ready for want of a certificate");
  else if (notices.length > 0) log.warn({ notices }, "managed certificates need attention");
  else log.info("managed certificates are in order");
};

/** A webhook configuration, as `src/tls/managed` names it. */
interface Configuration {
  readonly kind: string;
  readonly name: string;
}

/** Makes the functions that are told. */
export const createManagedTelemetry = (log: Log, metrics: TlsMetrics) => ({
  caCreated: (cause: CaCause, notAfter: Date): void => {
    metrics.caCreated(cause);
    log.info({ cause, notAfter }, "CA made; it is served from once every caBundle has it");
  },
  caSeen: metrics.caSeen,
  bundleWritten: ({ kind, name }: Configuration, result: WriteResult): void => {
    metrics.caWritten("webhook-configuration", result);
    if (result === "success") log.info({ configuration: name, kind }, "caBundle written");
  },
  secretWritten: (result: WriteResult): void => metrics.caWritten("secret", result),
  conditionChanged: (condition: Condition): void => {
    metrics.certificateNotices(condition.notices.length + (condition.missing === undefined ? 0 : 1));
    logCondition(log, condition);
  },
  clockDiffers: (milliseconds: number): void => metrics.clockDiffers(milliseconds),
});
