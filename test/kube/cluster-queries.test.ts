import { describe, expect, it, onTestFinished } from "vitest";
import { createClusterQueries } from "../../src/kube/cluster-queries.ts";
import { createConnection } from "../../src/kube/connection.ts";
import { ClusterQueryFailed } from "../../src/trust/cluster-queries.ts";
import { statusObject } from "./account-log.ts";
import { type Question, type QuestionAnswer, startQueryServer } from "./query-server.ts";

const ACCOUNT = "GET /api/v1/namespaces/production/serviceaccounts/my-api";
const TOKEN = "POST /api/v1/namespaces/production/serviceaccounts/my-api/token";
const DISCOVERY = "GET /.well-known/openid-configuration";
const JWKS = "GET /openid/v1/jwks";
const REQUEST = { audience: "sts.amazonaws.com", expirationSeconds: 3600 };

const open = async (answers: Readonly<Record<string, QuestionAnswer>>, timeoutMs?: number) => {
  const server = await startQueryServer(({ what }: Question) =>
    Object.hasOwn(answers, what) ? answers[what] : [500, `unexpected: ${what}`],
  );
  const connection = createConnection({ access: { read: async () => server.access } });
  onTestFinished(() => connection.close());
  return { ...server, ask: createClusterQueries(connection, timeoutMs) };
};

const failure = async (question: Promise<unknown>): Promise<ClusterQueryFailed> => {
  const error = await question.then(
    () => expect.unreachable(),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ClusterQueryFailed)) throw error;
  return error;
};

describe("questions to a cluster", () => {
  it("discovery and keys, whatever their media type", async () => {
    const keys = { keys: [{ kty: "RSA", kid: "1" }] };
    const document = { issuer: "https://oidc.example.com", jwks_uri: "https://10.0.0.1/openid/v1/jwks" };
    const { ask, questions } = await open({ [DISCOVERY]: [200, document], [JWKS]: [200, keys] });
    expect(await ask.discovery()).toStrictEqual({ issuer: document.issuer, jwksUri: document.jwks_uri });
    expect(await ask.jwks()).toStrictEqual(keys);
    expect(questions[1]?.headers["accept"]).toContain("application/jwk-set+json");
  });

  it("a ServiceAccount's metadata and nothing else, with texts only", async () => {
    const metadata = { namespace: "production", name: "my-api", annotations: { a: "b", broken: 1 } };
    const { ask, questions } = await open({ [ACCOUNT]: [200, { metadata }] });
    expect(await ask.serviceAccount("production", "my-api")).toStrictEqual({
      namespace: "production",
      name: "my-api",
      annotations: new Map([["a", "b"]]),
    });
    expect(questions[0]?.headers).toMatchObject({
      accept: expect.stringContaining("as=PartialObjectMetadata;"),
      authorization: "Bearer t",
    });
  });

  it("no ServiceAccount, only where the API server itself says so", async () => {
    const { ask } = await open({ [ACCOUNT]: [404, statusObject(404, "NotFound")] });
    expect(await ask.serviceAccount("production", "my-api")).toBeUndefined();
    const behindProxy = await open({ [ACCOUNT]: [404, "<h1>Not Found</h1>"] });
    expect(await failure(behindProxy.ask.serviceAccount("production", "my-api"))).toMatchObject({ status: 404 });
  });

  it("a token, for one audience", async () => {
    const { ask, questions } = await open({ [TOKEN]: [201, { status: { token: "a.b.c" } }] });
    expect(await ask.tokenRequest("production", "my-api", REQUEST)).toBe("a.b.c");
    expect(questions[0]?.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(questions[0]?.body ?? "")).toStrictEqual({
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { audiences: ["sts.amazonaws.com"], expirationSeconds: 3600 },
    });
  });

  it.each([
    ["a refusal", [403, statusObject(403, "Forbidden", "User x cannot do that")], "403 Forbidden: User x cannot", 403],
    ["an error page", [502, "<h1>Bad Gateway</h1>"], "the API server answered 502", 502],
    ["no JSON", [200, "a secret"], "is not a discovery document", 200],
    ["no issuer", [200, { jwks_uri: "https://x" }], "is not a discovery document", 200],
    ["null", [200, null], "is not a discovery document", 200],
  ] as const)("%s as a failure with its status", async (_, answer, message, status) => {
    const { ask } = await open({ [DISCOVERY]: answer });
    const error = await failure(ask.discovery());
    expect(error).toMatchObject({ message: expect.stringContaining(message), status });
    expect(error.message).not.toContain("secret");
  });

  it.each([
    ["another ServiceAccount", { metadata: { namespace: "production", name: "other" } }, "production/my-api"],
    ["no object", [], "is not a ServiceAccount"],
  ])("%s is no answer", async (_, body, message) => {
    const { ask } = await open({ [ACCOUNT]: [200, body] });
    expect((await failure(ask.serviceAccount("production", "my-api"))).message).toContain(message);
  });

  it("never repeats what came in place of a token", async () => {
    for (const body of ["eyJ-secret", { status: { token: ["eyJ-secret"] } }]) {
      const { ask } = await open({ [TOKEN]: [201, body] });
      const error = await failure(ask.tokenRequest("production", "my-api", REQUEST));
      expect(`${error.stack} ${String(error.cause)}`).not.toContain("eyJ-secret");
    }
  });

  it("a server that never answers as a failure without a status, in time", async () => {
    const { ask } = await open({ [JWKS]: undefined }, 100);
    const error = await failure(ask.jwks());
    expect(error.message).toBe("the API server did not answer within 0.1 s");
    expect(error.status).toBeUndefined();
  });

  it("a kubeconfig that cannot be read as a failure without a status", async () => {
    const connection = createConnection({ access: { read: () => Promise.reject(new Error("no context")) } });
    expect(await failure(createClusterQueries(connection).discovery())).toMatchObject({
      message: "no context",
      status: undefined,
    });
  });

  it("keeps a hostile name inside its path", async () => {
    const { ask, questions } = await open({});
    await failure(ask.serviceAccount("../..", "a/../../secrets?x"));
    expect(questions[0]?.what).toBe("GET /api/v1/namespaces/..%2F../serviceaccounts/a%2F..%2F..%2Fsecrets%3Fx");
  });
});
