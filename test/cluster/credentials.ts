/** The keys, certificates, tokens and kubeconfig files of one cluster. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createAuthority } from "../../scripts/certificates.ts";

/** A user whom the cluster knows by a static token. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** Files in the cluster's folder, and the secrets in them that tests need. */
export interface Credentials {
  readonly caPem: string;
  readonly files: Readonly<
    Record<"ca" | "servingCert" | "servingKey" | "signingKey" | "signingPublic" | "tokens", string>
  >;
  /** The static token of a user. */
  readonly token: (user: string) => string;
  /** Writes a kubeconfig file for a user. */
  readonly writeKubeconfig: (user: string, server: string) => Promise<string>;
}

/** The user in `system:masters`. */
export const admin = "test-admin";
/** The user whose rights kube-controller-manager has in every cluster. */
export const controllerManager = "system:kube-controller-manager";
/** The user whose rights kube-scheduler has in every cluster. */
export const scheduler = "system:kube-scheduler";

const kubeconfig = (server: string, caFile: string, user: string, token: string) => ({
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "test", cluster: { server, "certificate-authority": caFile } }],
  users: [{ name: user, user: { token } }],
  contexts: [{ name: "test", context: { cluster: "test", user } }],
  "current-context": "test",
});

/** Makes everything anew in `directory`. */
export const createCredentials = async (directory: string, users: readonly User[]): Promise<Credentials> => {
  const file = (name: string) => join(directory, name);
  const files = {
    ca: file("ca.pem"),
    servingCert: file("serving.pem"),
    servingKey: file("serving.key"),
    signingKey: file("service-account.key"),
    signingPublic: file("service-account.pub"),
    tokens: file("tokens.csv"),
  };
  const authority = await createAuthority("podpass test cluster");
  const serving = await authority.issue({ names: ["localhost", "127.0.0.1", "10.0.0.1", "kubernetes.default.svc"] });
  const signing = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const tokens = new Map(users.map(({ name }) => [name, randomBytes(24).toString("hex")]));
  const token = (user: string): string => {
    const found = tokens.get(user);
    if (found === undefined) throw new Error(`this cluster has no user ${user}`);
    return found;
  };
  const rows = users.map(({ name, groups }) => `${token(name)},${name},${name},"${groups.join(",")}"\n`);
  const contents: readonly (readonly [string, string])[] = [
    [files.ca, authority.ca],
    [files.servingCert, serving.cert],
    [files.servingKey, serving.key],
    [files.signingKey, signing.privateKey],
    [files.signingPublic, signing.publicKey],
    [files.tokens, rows.join("")],
  ];
  await Promise.all(contents.map(([path, content]) => writeFile(path, content, { mode: 0o600 })));

  const writeKubeconfig = async (user: string, server: string): Promise<string> => {
    const path = file(`${user.replaceAll(":", "-")}.kubeconfig`);
    await writeFile(path, JSON.stringify(kubeconfig(server, files.ca, user, token(user))), { mode: 0o600 });
    return path;
  };
  return { caPem: authority.ca, files, token, writeKubeconfig };
};
