/** The questions of `podpass trust` and `podpass token`, put to an API server. */
import type { ServiceAccount } from "../federation/service-account.ts";
import { type ClusterQueries, ClusterQueryFailed, type Discovery } from "../trust/cluster-queries.ts";
import { type Answer, answerTo, TIMEOUT_MS } from "./answer.ts";
import type { Connection } from "./connection.ts";
import { accept, readObject } from "./metadata.ts";
import { member } from "./object-parts.ts";
import { serviceAccountPath } from "./paths.ts";
import { describeStatus, isNotFound, readStatus } from "./status.ts";

// The key set has a media type of its own, and an API server may insist on what it has: RFC 7517 section 8.5.1.
const DOCUMENT = "application/json, application/jwk-set+json, */*;q=0.1";

const refusal = ({ status, text }: Answer): ClusterQueryFailed =>
  new ClusterQueryFailed(describeStatus(status, readStatus(text)), status);

const unexpectedAnswer = (what: string, status: number): ClusterQueryFailed =>
  new ClusterQueryFailed(`the API server's answer is not a ${what}`, status);

/** Never quotes the text, which may be a token. */
const parse = ({ status, text }: Answer, what: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw unexpectedAnswer(what, status);
  }
};

const readDiscovery = (answer: Answer): Discovery => {
  const document = parse(answer, "discovery document");
  const issuer = member(document, "issuer");
  const jwksUri = member(document, "jwks_uri");
  if (typeof issuer !== "string" || issuer === "") throw unexpectedAnswer("discovery document", answer.status);
  return { issuer, jwksUri: typeof jwksUri === "string" && jwksUri !== "" ? jwksUri : undefined };
};

const readServiceAccount = (answer: Answer, namespace: string, name: string): ServiceAccount => {
  let metadata: ReturnType<typeof readObject>;
  try {
    metadata = readObject(answer.text);
  } catch {
    throw unexpectedAnswer("ServiceAccount", answer.status);
  }
  if (metadata.namespace !== namespace || metadata.name !== name)
    throw unexpectedAnswer(`ServiceAccount ${namespace}/${name}`, answer.status);
  const texts = [...metadata.annotations].filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return { namespace, name, annotations: new Map(texts) };
};

/** Asks over `connection`, which is left open; each question has `timeoutMs` for its answer. */
export const createClusterQueries = (connection: Connection, timeoutMs = TIMEOUT_MS): ClusterQueries => {
  const get = (path: string, accepted: string) =>
    answerTo((signal) => connection.get(path, accepted, signal), timeoutMs);
  const document = async (path: string): Promise<Answer> => {
    const answer = await get(path, DOCUMENT);
    if (answer.status !== 200) throw refusal(answer);
    return answer;
  };
  return {
    discovery: async () => readDiscovery(await document("/.well-known/openid-configuration")),
    jwks: async () => parse(await document("/openid/v1/jwks"), "key set"),
    async serviceAccount(namespace, name) {
      const answer = await get(serviceAccountPath(namespace, name), accept.object);
      if (answer.status === 200) return readServiceAccount(answer, namespace, name);
      if (isNotFound(answer.status, readStatus(answer.text))) return undefined;
      throw refusal(answer);
    },
    async tokenRequest(namespace, name, { audience, expirationSeconds }) {
      const body = {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: { audiences: [audience], expirationSeconds },
      };
      const path = `${serviceAccountPath(namespace, name)}/token`;
      const answer = await answerTo((signal) => connection.post(path, body, signal), timeoutMs);
      if (answer.status !== 201) throw refusal(answer);
      const token = member(member(parse(answer, "TokenRequest"), "status"), "token");
      if (typeof token !== "string") throw unexpectedAnswer("TokenRequest", answer.status);
      return token;
    },
  };
};
