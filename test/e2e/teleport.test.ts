/** What Teleport's own code makes of the join token that `podpass trust` prints, and of the lifetimes that the preset has. */
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { teleport } from "../../src/providers/presets/teleport.ts";
import { findGoPrograms } from "./go-programs.ts";
import { type JoinToken, teleportCheck } from "./teleport-check.ts";
import { printTrust } from "./tools/printed.ts";

const go = await findGoPrograms();

const ISSUER = "https://kubernetes.default.svc.cluster.local";
const CLUSTER_NAME = "example.teleport.sh";
const SUBJECT = "system:serviceaccount:production:my-api";

const { publicKey, privateKey } = await generateKeyPair("RS256");
const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "RS256", use: "sig" }] };

/** A token as Kubernetes makes them. */
const tokenOf = (more: { seconds?: number; audience?: string; subject?: string; bound?: boolean } = {}) => {
  const { seconds = 600, audience = CLUSTER_NAME, subject = SUBJECT, bound = true } = more;
  const [, , namespace, name] = subject.split(":");
  const issuedAt = Math.floor(Date.now() / 1000);
  const pod = bound ? { pod: { name: "my-api-1", uid: "1" } } : {};
  return new SignJWT({ "kubernetes.io": { namespace, serviceaccount: { name, uid: "1" }, ...pod } })
    .setProtectedHeader({ alg: "RS256", kid: "1" })
    .setIssuer(ISSUER)
    .setAudience([audience])
    .setSubject(subject)
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt)
    .setExpirationTime(issuedAt + seconds)
    .sign(privateKey);
};

const check = async (idToken: string) => {
  const told = await printTrust(
    {
      provider: "teleport",
      account: "production/my-api",
      issuer: ISSUER,
      parameters: {},
      platform: { "cluster-name": CLUSTER_NAME },
      upload: JSON.stringify(jwks),
    },
    "json",
  );
  const joinToken: JoinToken = JSON.parse(told).documents["join-token-with-keys"];
  const keys = joinToken.spec.kubernetes.static_jwks?.jwks ?? "";
  return teleportCheck({ clusterName: CLUSTER_NAME, joinToken, jwks: keys, idToken });
};

const { min = 0, default: usual = 0, max = 0 } = teleport.token.expirationSeconds ?? {};

describe.skipIf(go.kind === "missing")("the join token that is printed", () => {
  it.each([min, usual, max])("lets the ServiceAccount in by a token of %d seconds", async (seconds) =>
    expect(await check(await tokenOf({ seconds }))).toEqual({ kind: "accepted", username: SUBJECT }),
  );

  it.each([
    ["of more seconds than the preset allows", { seconds: max + 1 }, "TTL of less than 30m0s"],
    ["for another audience", { audience: "other.teleport.sh" }, "invalid audience claim"],
    ["of another ServiceAccount", { subject: "system:serviceaccount:production:other" }, "no allow rule matches"],
    ["of no pod", { bound: false }, "pod bound"],
  ])("lets nobody in by a token %s", async (_, more, because) =>
    expect(await check(await tokenOf(more))).toEqual({ kind: "refused", message: expect.stringContaining(because) }),
  );
});
