import { describe, expect, it } from "vitest";
import { bothSettings, migrate } from "./migrated.ts";

const settings = bothSettings({
  nativeAnnotations: true,
  providers: {
    aws: { preset: "aws" },
    azure: { preset: "azure", parameters: { "tenant-id": { default: "22222222-2222-3333-4444-555555555555" } } },
    alibaba: {
      preset: "alibaba",
      parameters: { "provider-arn": { value: "acs:ram::1234567890123456:oidc-provider/ack" } },
    },
  },
  policy: { podOverrides: ["expiration-seconds"] },
});

const ROLE = "arn:aws:iam::123456789012:role/r";
const CLIENT = "11111111-2222-3333-4444-555555555555";

/** A ServiceAccount with these lines as its annotations. */
const account = (...lines: readonly string[]): string =>
  `apiVersion: v1
kind: ServiceAccount
metadata:
  name: app
  annotations:
${lines.map((line) => `    ${line}\n`).join("")}`;

/** A pod of it. */
const pod = (labels: string, ...lines: readonly string[]): string =>
  `${account(...lines).replace("ServiceAccount", "Pod")}  labels: ${labels}
spec: {serviceAccountName: app, containers: [{name: a, image: x}, {name: b, image: x}]}
`;

const AZURE = account(`azure.podpass.dev/client-id: ${CLIENT}`, "podpass.dev/federate: azure");
const AZURE_BY_VENDOR = account(`azure.workload.identity/client-id: ${CLIENT}`, `eks.amazonaws.com/role-arn: ${ROLE}`);
const OURS_BY_LABEL = account(
  `azure.podpass.dev/client-id: ${CLIENT}`,
  `aws.podpass.dev/role-arn: ${ROLE}`,
  'aws.podpass.dev/expiration-seconds: "86400"',
  "podpass.dev/federate: aws, azure",
);

describe("a vendor's key whose value is another of ours", () => {
  it.each([
    {
      about: "a list with semicolons",
      before: `${AZURE}---\n${pod("{}", "# above", 'azure.workload.identity/skip-containers: "a;b" # behind', "last: one")}`,
      after: `${AZURE}---\n${pod("{}", "# above", "azure.podpass.dev/skip-containers: a,b # behind", "last: one")}`,
    },
    {
      about: "a name that becomes an ARN",
      before: account("# above", "pod-identity.alibabacloud.com/role-name: r # behind", "last: one"),
      after: account(
        "# above",
        "alibaba.podpass.dev/role-arn: acs:ram::1234567890123456:role/r # behind",
        "last: one",
        "podpass.dev/federate: alibaba",
      ),
    },
    {
      about: "a lifetime below the vendor's least, as a block",
      before: account(
        "# above",
        "eks.amazonaws.com/token-expiration: >- # behind",
        "  300",
        `eks.amazonaws.com/role-arn: ${ROLE}`,
      ),
      after: account(
        "# above",
        'aws.podpass.dev/expiration-seconds: "600" # behind',
        `aws.podpass.dev/role-arn: ${ROLE}`,
        "podpass.dev/federate: aws",
      ),
    },
    {
      about: "one that only federates",
      before: account('cwii.dev/aws-inject: "true" # why', `cwii.dev/aws-role-arn: ${ROLE}`, "last: one"),
      after: account("podpass.dev/federate: aws # why", `aws.podpass.dev/role-arn: ${ROLE}`, "last: one"),
    },
    {
      about: "a list that gets the rest of the containers",
      before: `${AZURE_BY_VENDOR}---\n${pod("{}", "azure.workload.identity/skip-containers: b # why", "last: one")}`,
      after: `${OURS_BY_LABEL}---\n${pod("{}", "azure.podpass.dev/skip-containers: a,b # why", "last: one")}`,
    },
    {
      about: "an alias",
      before: account(
        `last: &a "300"`,
        `eks.amazonaws.com/role-arn: ${ROLE}`,
        "eks.amazonaws.com/token-expiration: *a # why",
      ),
      after: account(
        `last: &a "300"`,
        `aws.podpass.dev/role-arn: ${ROLE}`,
        'aws.podpass.dev/expiration-seconds: "600" # why',
        "podpass.dev/federate: aws",
      ),
    },
  ])("becomes ours in its place, with its comments: $about", ({ before, after }) => {
    expect(migrate(before, settings).text).toBe(after);
  });

  it("goes from a Knative Service too, whose container has no name", () => {
    const service = (key: string) => `---
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: s}
spec:
  template:
    metadata: {annotations: {${key}: user-container}}
    spec: {serviceAccountName: app, containers: [{image: x}]}
`;
    const before = account(`aws.podpass.dev/role-arn: ${ROLE}`, "podpass.dev/federate: aws");
    const { text, messages } = migrate(before + service("eks.amazonaws.com/skip-containers"), settings);
    expect(text).toBe(before + service("aws.podpass.dev/skip-containers"));
    expect(messages).toEqual([]);
  });

  it("stays beside ours with --keep", () => {
    const text = account("# above", "pod-identity.alibabacloud.com/role-name: r # behind");
    const added =
      "    alibaba.podpass.dev/role-arn: acs:ram::1234567890123456:role/r\n    podpass.dev/federate: alibaba\n";
    expect(migrate(text, settings, true).text).toBe(text + added);
  });
});
