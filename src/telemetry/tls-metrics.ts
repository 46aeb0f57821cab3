/** Metrics of the serving certificate and of handshakes. */
import { Counter, Gauge, type Registry } from "prom-client";
import { HANDSHAKE_FAILURES, type HandshakeFailure } from "./handshakes.ts";

/** The metrics, by what happened. */
export interface TlsMetrics {
  certificateLoaded(notAfter: Date): void;
  certificateReloaded(result: "success" | "failure"): void;
  handshakeFailed(reason: HandshakeFailure): void;
}

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
  for (const result of ["success", "failure"]) reloads.inc({ result }, 0);
  for (const reason of HANDSHAKE_FAILURES) handshakes.inc({ reason }, 0);
  return {
    certificateLoaded: (end) => notAfter.set(end.getTime() / 1000),
    certificateReloaded: (result) => reloads.inc({ result }),
    handshakeFailed: (reason) => handshakes.inc({ reason }),
  };
};
