/** An API server that answers each question as the test says, on a real socket. */
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { createAuthority } from "../../scripts/certificates.ts";
import type { Access } from "../../src/kube/access.ts";

/** A request as the server saw it. */
export interface Question {
  /** Method and path. */
  readonly what: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Status and body, a text or JSON; undefined: never an answer. */
export type QuestionAnswer = readonly [number, unknown] | undefined;

/** The server. */
export interface QueryServer {
  readonly access: Access;
  readonly questions: readonly Question[];
}

/** Starts a server that is gone after the test. */
export const startQueryServer = async (answer: (question: Question) => QuestionAnswer): Promise<QueryServer> => {
  const authority = await createAuthority();
  const questions: Question[] = [];
  const server = createServer(await authority.issue(), async (request, response) => {
    const question = { what: `${request.method} ${request.url}`, headers: request.headers, body: await text(request) };
    questions.push(question);
    const said = answer(question);
    if (said === undefined) return;
    const [status, body] = said;
    response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const address = new URL(`https://127.0.0.1:${port}`);
  return { access: { server: address, ca: authority.ca, authorization: "Bearer t" }, questions };
};
