/** The limit: Node's own HTTPS server that parses the review and allows it, without anything between. */
import { readFileSync } from "node:fs";
import { createServer as createHealthServer } from "node:http";
import { createServer } from "node:https";

const [certificate, key, port, healthPort] = process.argv.slice(2);
if (certificate === undefined || key === undefined)
  throw new Error("usage: bare-handler CERTIFICATE KEY PORT HEALTH_PORT");

const options = { cert: readFileSync(certificate), key: readFileSync(key) };
const server = createServer(options, (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { uid } = JSON.parse(Buffer.concat(chunks).toString()).request;
    const answer = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { uid, allowed: true } };
    const body = JSON.stringify(answer);
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    response.end(body);
  });
});
server.listen(Number(port), "127.0.0.1");

createHealthServer((_request, response) => response.end("ok")).listen(Number(healthPort), "127.0.0.1");
process.once("SIGTERM", () => process.exit(0));
