import { describe, expect, it } from "vitest";
import { growth } from "../support/linear.ts";
import { bothSettings, migrate } from "./migrated.ts";

const settings = bothSettings({ providers: { aws: { preset: "aws" }, azure: { preset: "azure" } } });

const ROLE = "eks.amazonaws.com/role-arn: arn:aws:iam::123456789012:role/r";
const CLIENT = `azure.workload.identity/client-id: 11111111-2222-3333-4444-555555555555
    azure.workload.identity/tenant-id: 99999999-2222-3333-4444-555555555555`;

const account = (key: string): string => `apiVersion: v1
kind: ServiceAccount
metadata:
  name: app
  namespace: shop
  annotations:
    ${key}
---
`;

const STORE = `apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: s, namespace: shop}
spec: {provider: {aws: {service: SecretsManager, auth: {jwt: {serviceAccountRef: {name: app}}}}}}
`;

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: d, namespace: shop}
spec:
  template:
    spec:
      serviceAccountName: app
      containers: [{name: a, image: x}]
      volumes: [{name: s, csi: {driver: secrets-store.csi.k8s.io, volumeAttributes: {secretProviderClass: c}}}]
`;

const told = (key: string): string =>
  `warning: another program may read ${key} of ServiceAccount shop/app for it, which goes; leave that beside ours (--keep)`;

const aboutOthers = (text: string, keep = false): readonly string[] =>
  migrate(text, settings, keep).messages.filter((message) => message.includes("another program"));

describe("a vendor's key that another program reads", () => {
  it.each([
    ["External Secrets", ROLE, STORE, told("eks.amazonaws.com/role-arn")],
    [
      "External Secrets for the whole cluster",
      CLIENT,
      STORE.replace("SecretStore", "ClusterSecretStore")
        .replace(", namespace: shop", "")
        .replace("{name: app}", "{name: app, namespace: shop}"),
      told("azure.workload.identity/client-id"),
    ],
    ["the Secrets Store CSI driver", ROLE, DEPLOYMENT, told("eks.amazonaws.com/role-arn")],
    [
      "Flux",
      ROLE,
      `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: o, namespace: shop}
spec: {provider: aws, serviceAccountName: app}
`,
      told("eks.amazonaws.com/role-arn"),
    ],
  ])("goes with a warning: %s", (_about, key, reader, message) => {
    expect(aboutOthers(account(key) + reader)).toEqual([message]);
  });

  it.each([
    ["it is kept", account(ROLE) + STORE, true],
    ["the account is another", account(ROLE) + STORE.replace("{name: app}", "{name: other}"), false],
    ["the account is another namespace's", account(ROLE) + STORE.replace("namespace: shop", "namespace: else"), false],
    ["the account has none", account("podpass.dev/federate: aws") + STORE, false],
    [
      "the account stays as it is",
      account(`${ROLE.replace("arn:", "no:")}\n    podpass.dev/federate: aws`) + STORE,
      false,
    ],
    [
      "cert-manager has the role in its issuer",
      account(ROLE) + STORE.replace("external-secrets", "cert-manager"),
      false,
    ],
    ["the volume is another driver's", account(ROLE) + DEPLOYMENT.replace("secrets-store", "other"), false],
  ])("says nothing where %s", (_about, text, keep) => {
    expect(aboutOthers(text, keep)).toEqual([]);
  });
});

it.each<[string, number, (count: number) => string]>([
  ["objects that name the account", 60, (count) => `${STORE}---\n`.repeat(count)],
  ["lists in one of them", 400, (count) => STORE.replace("{provider", `{x: [${"[{}], ".repeat(count)}], provider`)],
])("looking for them takes time that is linear in the %s", { timeout: 60_000 }, async (_, count, text) => {
  const grown = await growth(count, (size) => {
    const manifest = account(ROLE) + text(size);
    return async () => migrate(manifest, settings);
  });
  expect(grown).toBeLessThan(10);
});
