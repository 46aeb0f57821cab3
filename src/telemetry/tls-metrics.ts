/** Metrics of the serving certificate, of the CA behind it, and of handshakes. */
import { Counter, Gauge, type Registry } from "prom-client";
import { HANDSHAKE_FAILURES, type HandshakeFailure } from "./handshakes.ts";

/** Why Podpass made a CA, as `src/tls/managed/decide.ts` says it. */
const CA_CAUSES = ["empty", "due", "out-of-date", "unusable"] as const;

/** One of them. */
export type CaCause = (typeof CA_CAUSES)[number];

const RESULTS = ["success", "failure"] as const;

const CA_OBJECTS = ["secret", "webhook-configuration"] as const;

/** How a write of managed certificates ended; one that met another replica's counts as neither. */
export type WriteResult = (typeof RESULTS)[number];

/** The metrics of managed certificates, by what happened. */
export interface ManagedMetrics {
  caSeen(notAfter: Date): void;
  caCreated(cause: CaCause): void;
  caWritten(object: (typeof CA_OBJECTS)[number], result: WriteResult): void;
  certificateNotices(count: number): void;
  clockDiffers(milliseconds: number): void;
}

/** The metrics, by what happened. */
export interface TlsMetrics extends ManagedMetrics {
  certificateLoaded(notAfter: Date): void;
  certificateReloaded(result: "success" | "failure"): void;
  handshakeFailed(reason: HandshakeFailure): void;
}

const createManagedMetrics = (registry: Registry): ManagedMetrics => {
  const registers = [registry];
  const notAfter = new Gauge({
    name: "podpass_ca_not_after_seconds",
    help: "When the CA of managed certificates ends, in seconds since 1970; 0 without one.",
    registers,
  });
  const created = new Counter({
    name: "podpass_ca_created_total",
    help: "CAs that this replica put into the Secret, by why.",
    labelNames: ["cause"],
    registers,
  });
  const written = new Counter({
    name: "podpass_ca_writes_total",
    help: "Writes of the CA's Secret and of caBundles, by how they ended.",
    labelNames: ["object", "result"],
    registers,
  });
  const notices = new Gauge({
    name: "podpass_certificate_notices",
    help: "How much somebody should know about managed certificates; /readyz has the sentences.",
    registers,
  });
  const difference = new Gauge({
    name: "podpass_clock_difference_seconds",
    help: "How far this machine's clock is ahead of the API server's, with managed certificates; negative where it is behind.",
    registers,
  });
  for (const cause of CA_CAUSES) created.inc({ cause }, 0);
  for (const object of CA_OBJECTS) for (const result of RESULTS) written.inc({ object, result }, 0);
  return {
    caSeen: (end) => notAfter.set(end.getTime() / 1000),
    caCreated: (cause) => created.inc({ cause }),
    caWritten: (object, result) => written.inc({ object, result }),
    certificateNotices: (count) => notices.set(count),
    clockDiffers: (milliseconds) => difference.set(Math.round(milliseconds / 1000)),
  };
};

/** Makes them in `registry`; what an alert counts is there from the start. */
export const createTlsMetrics = (registry: Registry): TlsMetrics => {
  const registers = [registry];
  const notAfter = new Gauge({
    name: "podpass_serving_certificate_not_after_seconds",
    help: "When the serving certificate ends, in seconds since 1970; 0 while there is none.",
    registers,
  });
  const reloads = new Counter({
    name: "podpass_serving_certificate_reloads_total",
    help: "New serving certificates, by whether they could be used.",
    labelNames: ["result"],
    registers,
  });
  const handshakes = new Counter({
    name: "podpass_tls_handshake_failures_total",
    help: "TLS handshakes with the webhook that failed, by why.",
    labelNames: ["reason"],
    registers,
  });
  for (const result of RESULTS) reloads.inc({ result }, 0);
  for (const reason of HANDSHAKE_FAILURES) handshakes.inc({ reason }, 0);
  return {
    ...createManagedMetrics(registry),
    certificateLoaded: (end) => notAfter.set(end.getTime() / 1000),
    certificateReloaded: (result) => reloads.inc({ result }),
    handshakeFailed: (reason) => handshakes.inc({ reason }),
  };
};
