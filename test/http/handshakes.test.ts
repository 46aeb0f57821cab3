import { connect, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import type { HandshakeFailure } from "../../src/telemetry/handshakes.ts";
import { eventually } from "../support/eventually.ts";
import { reviewText } from "../support/reviews.ts";
import { startTestWebhook, testAuthority } from "../support/webhooks.ts";

type Start = (port: number) => void;

const open = (port: number, begin: (socket: Socket) => void): Socket => {
  const socket = connect(port, "127.0.0.1", () => begin(socket));
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
};

const tls =
  (options: ConnectionOptions): Start =>
  (port) => {
    const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options });
    socket.on("error", () => {});
    onTestFinished(() => void socket.destroy());
  };

/** A client that sends a real ClientHello, and then the alert: Node.js' own sends none about a certificate. */
const alert =
  (description: number): Start =>
  (port) => {
    const raw = open(port, () => {
      const hello = new Duplex({ read: () => {}, write: (chunk, _encoding, done) => raw.write(chunk, () => done()) });
      connectTls({ socket: hello, maxVersion: "TLSv1.2" }).on("error", () => {});
    });
    raw.once("data", () => raw.write(Buffer.from([0x15, 3, 3, 0, 2, 2, description])));
  };

const send =
  (text: string): Start =>
  (port) =>
    void open(port, (socket) => socket.write(text));

const CASES: readonly (readonly [string, HandshakeFailure, string, Start])[] = [
  ["whose CA is another one: Go says so", "certificate-refused", "ALERT_BAD_CERTIFICATE", alert(42)],
  ["whose CA is another one: OpenSSL says so", "certificate-refused", "ALERT_UNKNOWN_CA", alert(48)],
  ["that thinks the certificate expired", "certificate-refused", "ALERT_CERTIFICATE_EXPIRED", alert(45)],
  ["with another alert", "protocol", "ALERT_HANDSHAKE_FAILURE", alert(40)],
  [
    "of an old version",
    "protocol",
    "UNSUPPORTED_PROTOCOL",
    tls({ minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }),
  ],
  ["that speaks HTTP", "protocol", "HTTP_REQUEST", send("GET / HTTP/1.1\r\n\r\n")],
  ["that speaks something else", "protocol", "WRONG_VERSION_NUMBER", send("\u0000hello \u001b[31m there\n")],
  ["that says nothing", "timeout", "TIMEOUT", (port) => void open(port, () => {})],
  ["that is a probe of the port", "reset", "ECONNRESET", (port) => void open(port, (socket) => socket.end())],
];

describe("a handshake that fails", () => {
  it.each(CASES)("is told: a client %s", async (_name, reason, code, start) => {
    const { url, handshakes, client } = await startTestWebhook({}, { handshakeMs: 300 });
    start(Number(new URL(url).port));
    await eventually(() => expect(handshakes).toMatchObject([{ reason, code: expect.stringContaining(code) }]));
    expect(handshakes[0]?.code).toMatch(/^[A-Z0-9_/]{1,60}$/);
    expect(await client.post({ body: reviewText() })).toMatchObject({ status: 200 });
    expect(handshakes).toHaveLength(1);
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("is told where there is no certificate yet, with %s", async (version) => {
    const { url, handshakes, client, serveCertificate } = await startTestWebhook({ certificate: undefined });
    tls({ minVersion: version, maxVersion: version })(Number(new URL(url).port));
    await eventually(() => expect(handshakes).toMatchObject([{ reason: "no-certificate", client: "127.0.0.1" }]));
    await expect(client.post({ body: reviewText() })).rejects.toThrow();
    serveCertificate(await (await testAuthority()).issue());
    expect(await client.post({ body: reviewText() })).toMatchObject({ status: 200 });
  });
});
