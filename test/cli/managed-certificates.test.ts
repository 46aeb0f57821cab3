import { describe, expect, it } from "vitest";
import { readManaged } from "../../src/cli/managed-certificates.ts";
import type { ServeOptions } from "../../src/cli/serve-options.ts";

const GOOD: ServeOptions = { caSecret: "podpass-ca", service: "podpass", webhookConfiguration: ["podpass"] };

const problemsOf = (options: ServeOptions, namespace: string | undefined = "podpass-system") => {
  const read = readManaged(options, namespace);
  return read !== undefined && "problems" in read ? read.problems : [];
};

describe("readManaged", () => {
  it("takes names, and each configuration once", () => {
    expect(readManaged({ ...GOOD, webhookConfiguration: ["a", "b", "a"] }, "podpass-system")).toStrictEqual({
      namespace: "podpass-system",
      secret: "podpass-ca",
      service: "podpass",
      configurations: [
        { kind: "MutatingWebhookConfiguration", name: "a" },
        { kind: "MutatingWebhookConfiguration", name: "b" },
      ],
    });
  });

  it("takes one of each kind with the same name", () => {
    const options = { ...GOOD, validatingWebhookConfiguration: ["podpass"] };
    expect(readManaged(options, "podpass-system")).toMatchObject({
      configurations: [
        { kind: "MutatingWebhookConfiguration", name: "podpass" },
        { kind: "ValidatingWebhookConfiguration", name: "podpass" },
      ],
    });
  });

  it("has nothing to do with a certificate from files", () => {
    expect(readManaged({ tlsCert: "a", tlsKey: "b" }, undefined)).toBeUndefined();
  });

  it.each<[string, ServeOptions, string]>([
    ["--tls-cert", { ...GOOD, tlsCert: "tls.crt" }, "--ca-secret excludes --tls-cert and --tls-key"],
    ["--manifests", { ...GOOD, manifests: "." }, "--ca-secret needs a cluster, where the Secret is"],
    ["no --service", { ...GOOD, service: undefined }, "--ca-secret needs --service NAME"],
    [
      "no configuration",
      { ...GOOD, webhookConfiguration: undefined },
      "--ca-secret needs --webhook-configuration NAME",
    ],
    ["--service alone", { service: "podpass" }, "--service needs --ca-secret NAME"],
    ["a configuration alone", { webhookConfiguration: ["podpass"] }, "--webhook-configuration needs --ca-secret NAME"],
    [
      "a validating configuration alone",
      { validatingWebhookConfiguration: ["podpass"] },
      "--validating-webhook-configuration needs --ca-secret NAME",
    ],
    [
      "a validating configuration's bad name",
      { ...GOOD, validatingWebhookConfiguration: ["A"] },
      '--validating-webhook-configuration: "A" is no name',
    ],
    ["a path for a name", { ...GOOD, caSecret: "../x" }, '--ca-secret: "../x" is no name; allowed: lower-case letters'],
    ["an empty name", { ...GOOD, service: "" }, '--service: "" is no name'],
    ["a long one", { ...GOOD, webhookConfiguration: ["a".repeat(254)] }, "--webhook-configuration: "],
  ])("refuses %s in a sentence", (_, options, problem) => {
    expect(problemsOf(options)).toStrictEqual([expect.stringContaining(problem)]);
  });

  it("needs a namespace", () => {
    expect(readManaged(GOOD, undefined)).toStrictEqual({
      problems: [expect.stringContaining("--ca-secret needs --namespace NAME")],
    });
  });
});
