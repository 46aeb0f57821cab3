/** TLS handshakes that fail, and why, as far as one side can know. */
import type { Server } from "node:https";
import type { TLSSocket } from "node:tls";
import type { FailedHandshake, HandshakeFailure } from "../telemetry/handshakes.ts";

/**
 * The alerts with which a client refuses our certificate. Go, in which the API server is written, sends `bad_certificate`
 * for an unknown authority as well as for a wrong name or a wrong time; OpenSSL tells them apart.
 */
const REFUSED = /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(UNKNOWN|EXPIRED|REVOKED))$/;

/** Node.js writes OpenSSL's reasons in capitals; none of it comes from the client. */
const CODE = /^[A-Z0-9_/]{1,60}$/;

const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && CODE.test(code) ? code : "UNKNOWN";
};

const failureOf = (code: string, hasCertificate: boolean): HandshakeFailure => {
  if (code === "ERR_TLS_HANDSHAKE_TIMEOUT") return "timeout";
  if (code === "ECONNRESET" || code === "EPIPE") return "reset";
  if (!code.startsWith("ERR_SSL_")) return "other";
  if (!hasCertificate) return "no-certificate";
  return REFUSED.test(code) ? "certificate-refused" : "protocol";
};

/** Calls `onFailure` with each handshake of `server` that fails. */
export const watchHandshakes = (
  server: Server,
  hasCertificate: () => boolean,
  onFailure: (failed: FailedHandshake) => void,
): void => {
  server.on("tlsClientError", (error: unknown, { remoteAddress }: TLSSocket) => {
    const code = codeOf(error);
    onFailure({ reason: failureOf(code, hasCertificate()), code, client: remoteAddress });
  });
};
