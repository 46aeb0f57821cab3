import { exportJWK, generateKeyPair, type JSONWebKeySet, type JWTPayload, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { createServiceAccount, describeOnCluster, useCluster } from "./harness.ts";
import { anthropic } from "./relying-parties/anthropic.ts";
import { awsSts } from "./relying-parties/aws-sts.ts";
import { azure } from "./relying-parties/azure.ts";
import { coreweave } from "./relying-parties/coreweave.ts";
import { enkryptify } from "./relying-parties/enkryptify.ts";
import { gcp } from "./relying-parties/gcp.ts";
import type { Handle, Incoming } from "./relying-parties/listen.ts";
import { openAi } from "./relying-parties/openai.ts";
import { type Trust, trustCluster, verifyToken } from "./relying-parties/verify.ts";

const issuer = "https://issuer.example.com";
const audience = "https://api.example.com";
const subject = "system:serviceaccount:default:app";
const now = () => Math.floor(Date.now() / 1000);

const { publicKey, privateKey } = await generateKeyPair("RS256");
const stranger = await generateKeyPair("RS256");
const jwks: JSONWebKeySet = { keys: [{ ...(await exportJWK(publicKey)), kid: "one", alg: "RS256" }] };
const trust: Trust = { issuer, audience, jwks, subjects: [subject] };

const sign = (claims: JWTPayload = {}, { key = privateKey, kid = "one" } = {}): Promise<string> => {
  const usual = { iss: issuer, aud: [audience], sub: subject, iat: now(), nbf: now(), exp: now() + 600 };
  return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg: "RS256", kid }).sign(key);
};

const wrongTokens = {
  audience: await sign({ aud: ["https://other.example.com"] }),
  subject: await sign({ sub: "system:serviceaccount:default:other" }),
  issuer: await sign({ iss: `${issuer}/` }),
  expired: await sign({ iat: now() - 7200, nbf: now() - 7200, exp: now() - 60 }),
  "not yet valid": await sign({ nbf: now() + 600 }),
  "issued in the future": await sign({ iat: now() + 600 }),
  "a stranger's signature": await sign({}, { key: stranger.privateKey }),
  "an unknown key": await sign({}, { kid: "two" }),
  "no JWT": "none",
};

describe("verifyToken", () => {
  it("accepts what the trusted issuer signed for this audience and subject", async () => {
    expect(await verifyToken(await sign(), trust)).toMatchObject({ kind: "accepted", subject });
  });

  it.each([
    ["audience", "audience"],
    ["subject", "subject"],
    ["issuer", "issuer"],
    ["expired", "time"],
    ["not yet valid", "time"],
    ["issued in the future", "time"],
    ["a stranger's signature", "signature"],
    ["an unknown key", "signature"],
    ["no JWT", "malformed"],
  ] as const)("refuses %s because of %s", async (name, refusal) => {
    expect(await verifyToken(wrongTokens[name], trust)).toMatchObject({ kind: "refused", refusal });
  });
});

const formType = { "content-type": "application/x-www-form-urlencoded" };
const incoming = (parts: Partial<Omit<Incoming, "body">> & { body?: string }): Incoming => ({
  method: "POST",
  path: "/",
  query: new URLSearchParams(),
  headers: formType,
  ...parts,
  body: Buffer.from(parts.body ?? ""),
});
const formBody = (fields: Record<string, string>) => new URLSearchParams(fields).toString();
const tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
const jwtType = "urn:ietf:params:oauth:token-type:jwt";
const provider = "projects/1/locations/global/workloadIdentityPools/p/providers/k8s";
const roleArn = "arn:aws:iam::123456789012:role/app";

interface Exchange {
  readonly handle: Handle;
  readonly request: (token: string) => Incoming;
  readonly accepted: RegExp;
  readonly refused: readonly [status: number, body: RegExp];
}

const exchanges: Record<string, Exchange> = {
  "AWS STS": {
    handle: awsSts({ trust, roleArn, sessions: new Map() }),
    request: (WebIdentityToken) => {
      const action = { Action: "AssumeRoleWithWebIdentity", Version: "2011-06-15" };
      const body = formBody({ ...action, RoleArn: roleArn, RoleSessionName: "app", WebIdentityToken });
      return incoming({ body });
    },
    accepted: /<SecretAccessKey>.+<\/SecretAccessKey><SessionToken>/u,
    refused: [400, /<ErrorResponse .*<Type>Sender<\/Type><Code>InvalidIdentityToken<\/Code>/u],
  },
  "Google STS": {
    handle: gcp({ trust, workloadIdentityProvider: provider, objects: new Map() }),
    request: (subject_token) => {
      const types = {
        subject_token_type: jwtType,
        requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
      };
      const target = { audience: `//iam.googleapis.com/${provider}`, scope: "cloud-platform" };
      return incoming({
        path: "/v1/token",
        body: formBody({ grant_type: tokenExchange, ...types, ...target, subject_token }),
      });
    },
    accepted: /"token_type":"Bearer"/u,
    refused: [400, /"error":"invalid_grant","error_description":/u],
  },
  "Microsoft Entra ID": {
    handle: azure({ trust, tenantId: "tenant", clientId: "client" }),
    request: (client_assertion) => {
      const client_assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
      const fields = {
        grant_type: "client_credentials",
        client_id: "client",
        scope: "https://vault.azure.net/.default",
      };
      const body = formBody({ ...fields, client_assertion_type, client_assertion });
      return incoming({ path: "/tenant/oauth2/v2.0/token", body });
    },
    accepted: /"ext_expires_in":3600/u,
    refused: [401, /"error_description":"AADSTS700212: .*"error_codes":\[700212\]/u],
  },
  Anthropic: {
    handle: anthropic({ trust, federationRuleId: "fdrl_1", organizationId: "org" }),
    request: (assertion) => {
      const grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
      const body = JSON.stringify({ grant_type, assertion, federation_rule_id: "fdrl_1", organization_id: "org" });
      const headers = { "anthropic-beta": "oauth-2025-04-20,oidc-federation-2026-04-01" };
      return incoming({ path: "/v1/oauth/token", headers, body });
    },
    accepted: /"access_token":"sk-ant-oat01-/u,
    refused: [400, /"error":"invalid_grant"/u],
  },
  CoreWeave: {
    handle: coreweave({ trust, organizationId: "org", sessions: new Map() }),
    request: (authorization) =>
      incoming({ method: "GET", path: "/v1/cwobject/temporary-credentials/oidc/org", headers: { authorization } }),
    accepted: /"SecretAccessKey":"cwo.+","Token":""/u,
    refused: [401, /"message":/u],
  },
  OpenAI: {
    handle: openAi({ trust, identityProviderId: "idp_1", serviceAccountId: "user-1" }),
    request: (subject_token) => {
      const mapping = { identity_provider_id: "idp_1", service_account_id: "user-1" };
      const fields = { grant_type: tokenExchange, subject_token_type: jwtType, ...mapping, subject_token };
      return incoming({ path: "/oauth/token", body: JSON.stringify(fields) });
    },
    accepted: /"token_type":"Bearer"/u,
    refused: [401, /"error":"invalid_grant","error_description":/u],
  },
  Enkryptify: {
    handle: enkryptify({ trust, workspace: "w", project: "p", environmentId: "e", secrets: {} }),
    request: (token) => incoming({ path: "/v1/auth/oidc/exchange", body: JSON.stringify({ token, workspaceId: "w" }) }),
    accepted: /"expiresIn":900/u,
    refused: [401, /"message":/u],
  },
};

describe.each(Object.entries(exchanges))("%s", (_, { handle, request, accepted, refused }) => {
  it("accepts the right token", async () => {
    expect(await handle(request(await sign()))).toMatchObject({ status: 200, body: expect.stringMatching(accepted) });
  });

  it("refuses a wrong audience in the provider's own format", async () => {
    const [status, body] = refused;
    expect(await handle(request(wrongTokens.audience))).toMatchObject({ status, body: expect.stringMatching(body) });
  });

  it.each(Object.entries(wrongTokens))("refuses %s", async (__, token) => {
    expect((await handle(request(token)))?.status).toBeGreaterThanOrEqual(400);
  });
});

describeOnCluster("a relying party and a real issuer", () => {
  const current = useCluster();

  it("verifies with the keys and the issuer that the cluster publishes", async () => {
    const cluster = current();
    await createServiceAccount(cluster, "app");
    const path = "/api/v1/namespaces/default/serviceaccounts/app/token";
    const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { audiences: [audience] } };
    const { status } = await cluster.must<{ status: { token: string } }>("POST", path, request);
    const expected = { audience, subjects: [subject] };
    expect(await verifyToken(status.token, await trustCluster(cluster, expected))).toMatchObject({ kind: "accepted" });
    const stranger = await trustCluster(cluster, { ...expected, audience: "https://other.example.com" });
    expect(await verifyToken(status.token, stranger)).toMatchObject({ refusal: "audience" });
    expect(await verifyToken(status.token, trust)).toMatchObject({ refusal: "signature" });
  });
});
