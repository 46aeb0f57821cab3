/**
 * The baseline: a Fastify server over TLS that parses the review and allows it, and does nothing else. With a file that
 * has members of a response as JSON it sends those as well: what an answer of that length alone costs.
 */
import { readFileSync } from "node:fs";
import Fastify from "fastify";

interface Review {
  readonly request: { readonly uid: string };
}

const [certificate, key, port, healthPort, answer] = process.argv.slice(2);
if (certificate === undefined || key === undefined)
  throw new Error("usage: empty-handler CERTIFICATE KEY PORT HEALTH_PORT [ANSWER]");
const members: Readonly<Record<string, unknown>> =
  answer === undefined ? { allowed: true } : JSON.parse(readFileSync(answer, "utf8"));

const server = Fastify({
  bodyLimit: 7 * 1024 * 1024,
  https: { cert: readFileSync(certificate), key: readFileSync(key), minVersion: "TLSv1.2" },
});
server.post<{ Body: Review }>("/mutate/pods", (request, reply) => {
  reply.send({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: { ...members, uid: request.body.request.uid },
  });
});
await server.listen({ host: "127.0.0.1", port: Number(port) });

const health = Fastify();
health.get("/readyz", (_request, reply) => reply.send("ok"));
await health.listen({ host: "127.0.0.1", port: Number(healthPort) });
process.once("SIGTERM", () => process.exit(0));
