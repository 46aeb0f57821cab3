import fc from "fast-check";
import jsonPatch from "fast-json-patch";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { compileConfiguration } from "../../src/configuration/compile.ts";
import { readManifest } from "../../src/manifests/document.ts";
import { injectManifests } from "../../src/manifests/inject-manifests.ts";
import { objectsIn } from "../../src/manifests/objects.ts";
import { withText } from "../../src/manifests/rewrite.ts";
import { collectServiceAccounts } from "../../src/manifests/service-accounts.ts";
import { splice } from "../../src/manifests/splice.ts";

const compiled = compileConfiguration({});
if (!compiled.ok) throw new Error("the presets are not valid");
const { settings } = compiled;

const annotations = {
  "podpass.dev/federate": "aws, gcp, openai",
  "podpass.dev/skip-containers": "skipped",
  "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/r",
  "gcp.podpass.dev/workload-identity-provider":
    "projects/1/locations/global/workloadIdentityPools/my-pool/providers/my-cluster",
  "openai.podpass.dev/identity-provider-id": "idp_1",
  "openai.podpass.dev/service-account-id": "u",
};
const ACCOUNT = stringify({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "s", annotations } });

const account = readManifest("s.yaml", ACCOUNT);
if (!account.ok) throw new Error("the ServiceAccount cannot be read");
const accounts = account.file.documents.flatMap(objectsIn);

/** Injects into `text`; the texts of all documents, and the patch of each workload. */
const inject = (text: string) => {
  const read = readManifest("t.yaml", text);
  if (!read.ok) throw new Error(JSON.stringify(read));
  const objects = [...accounts, ...read.file.documents.flatMap(objectsIn)];
  const serviceAccounts = collectServiceAccounts(objects, "default");
  const { decided, additions, bad } = injectManifests(objects, { settings, serviceAccounts, namespace: "default" });
  expect(bad).toEqual([]);
  const texts = read.file.documents.map((document) => withText(document, additions.get(document) ?? []));
  return { texts, decided, additions, documents: read.file.documents };
};

const text = fc.oneof(
  fc.constantFrom(
    "yes",
    "0644",
    "null",
    "~",
    "a: b",
    "# x",
    "- y",
    "",
    "x\ny\n",
    "'",
    '"',
    "*a",
    "{}",
    "__proto__",
    "1e3",
  ),
  fc.string({ maxLength: 12 }),
);
const word = fc.stringMatching(/^[a-z]{1,6}$/);
const extra = fc.dictionary(
  fc.oneof(word, fc.constantFrom("__proto__", "constructor", "8080")),
  fc.jsonValue({ maxDepth: 2 }),
  { maxKeys: 2 },
);
const variable = fc.record(
  { name: fc.oneof(word, fc.constant("AWS_ROLE_ARN")), value: text },
  { requiredKeys: ["name"] },
);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const container = fc.record({
  name: fc.oneof(word, fc.constant("skipped")),
  image: fc.constant("x"),
  args: maybe(fc.array(text, { maxLength: 3 })),
  env: maybe(fc.option(fc.array(variable, { maxLength: 3 }))),
  volumeMounts: maybe(fc.array(fc.record({ name: word, mountPath: word.map((w) => `/${w}`) }), { maxLength: 2 })),
  extra,
});
const podTemplate = fc.record({
  metadata: maybe(
    fc.option(
      fc.record({
        annotations: maybe(fc.option(fc.dictionary(word, text, { maxKeys: 2 }))),
        labels: maybe(fc.dictionary(word, text)),
      }),
    ),
  ),
  spec: fc.record({
    serviceAccountName: fc.constantFrom("s", "s", "s", "other"),
    volumes: maybe(fc.array(fc.record({ name: word, emptyDir: fc.constant({}) }), { maxLength: 2 })),
    containers: fc.array(container, { minLength: 1, maxLength: 3 }),
    initContainers: maybe(fc.array(container, { maxLength: 2 })),
    extra,
  }),
});

const wrap: Readonly<Record<string, (template: object) => object>> = {
  Pod: (template) => ({ apiVersion: "v1", ...template }),
  Deployment: (template) => ({ apiVersion: "apps/v1", spec: { template, replicas: 1 } }),
  StatefulSet: (template) => ({ apiVersion: "apps/v1", spec: { template } }),
  DaemonSet: (template) => ({ apiVersion: "apps/v1", spec: { template } }),
  ReplicaSet: (template) => ({ apiVersion: "apps/v1", spec: { template } }),
  ReplicationController: (template) => ({ apiVersion: "v1", spec: { template } }),
  Job: (template) => ({ apiVersion: "batch/v1", spec: { template } }),
  CronJob: (template) => ({ apiVersion: "batch/v1", spec: { jobTemplate: { spec: { template } }, suspend: false } }),
  PodTemplate: (template) => ({ apiVersion: "v1", template }),
};

const workload = fc
  .tuple(fc.constantFrom(...Object.keys(wrap)), podTemplate)
  .map(([kind, template]) => JSON.parse(JSON.stringify({ kind, ...wrap[kind]?.(template) })) as object);

/** The ways in which one value can be written. */
const notation = fc.oneof(
  fc
    .record({ indent: fc.constantFrom(1, 2, 4), indentSeq: fc.boolean(), lineWidth: fc.constantFrom(0, 40) })
    .map((options) => (value: object) => stringify(value, { ...options, compat: "yaml-1.1" })),
  fc.constantFrom(0, 2, "\t").map((space) => (value: object) => `${JSON.stringify(value, null, space)}\n`),
  fc.constant((value: object) => stringify(value, { collectionStyle: "flow", lineWidth: 0, compat: "yaml-1.1" })),
  fc.constant((value: object) => stringify(value, { compat: "yaml-1.1" }).replaceAll("\n", "\r\n")),
);

describe("inject", () => {
  it("adds to what is read exactly what the patch says", () => {
    fc.assert(
      fc.property(workload, notation, (value, write) => {
        const source = write(value);
        const { texts, decided } = inject(source);
        const [one] = decided;
        if (one === undefined) throw new Error("not a workload");
        const before = parse(source, { version: "1.1", schema: "core" });
        const base = one.path.map((step) => `/${step}`).join("");
        const template = one.path.reduce((at, step) => at[step], before);
        const parent = template.metadata ? [] : [{ op: "add" as const, path: `${base}/metadata`, value: {} }];
        const patch = one.decision.patch
          .filter(({ path }) => path !== "/metadata")
          .map((operation) => ({ ...operation, path: base + operation.path }));
        const isAnnotated = patch.some(({ path }) => path.startsWith(`${base}/metadata`));
        const wanted = jsonPatch.applyPatch(
          structuredClone(before),
          [...(isAnnotated ? parent : []), ...patch],
          false,
          true,
          false,
        );
        expect(parse(texts[0] ?? "")).toEqual(wanted.newDocument);
      }),
      { numRuns: 120 },
    );
  });

  it("only ever adds to the text where no alias is in the way", () => {
    fc.assert(
      fc.property(workload, notation, (value, write) => {
        const { texts, documents, additions } = inject(write(value));
        documents.forEach((document, index) => {
          const added = additions.get(document) ?? [];
          if (added.length > 0) expect(splice(document, added)).toBe(texts[index]);
        });
      }),
      { numRuns: 50 },
    );
  });

  it("comes to the same with aliases as without", () => {
    fc.assert(
      fc.property(workload, fc.constantFrom("s", "other"), (value, name) => {
        const list = (shared: object) => ({
          apiVersion: "v1",
          kind: "List",
          items: [{ ...shared, metadata: { name } }, shared],
        });
        // The library writes what is one object twice as an anchor and its alias.
        const aliased = stringify(list(value), { compat: "yaml-1.1" });
        const plain = stringify(list(value), { compat: "yaml-1.1", aliasDuplicateObjects: false });
        expect(parse(inject(aliased).texts[0] ?? "")).toEqual(parse(inject(plain).texts[0] ?? ""));
      }),
      { numRuns: 50 },
    );
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(workload, notation, (value, write) => {
        const [once = ""] = inject(write(value)).texts;
        expect(inject(once).texts[0]).toBe(once);
      }),
      { numRuns: 50 },
    );
  });

  it("leaves every other document as it is, byte for byte", () => {
    const comment = fc.constantFrom("", "# a comment\n", "\n\n");
    const other = fc
      .tuple(comment, fc.dictionary(word, fc.jsonValue({ maxDepth: 2 })), notation)
      .map(([lead, value, write]) => `${lead}${write({ kind: "ConfigMap", data: value })}`);
    fc.assert(
      fc.property(
        fc.array(other, { maxLength: 3 }),
        workload,
        fc.array(other, { maxLength: 3 }),
        (before, value, after) => {
          const parts = [...before, stringify(value, { compat: "yaml-1.1" }), ...after];
          const source = parts.join("---\n");
          const { texts, documents } = inject(source);
          documents.forEach(({ start, end }, index) => {
            if (index !== before.length) expect(texts[index]).toBe(source.slice(start, end));
          });
        },
      ),
      { numRuns: 40 },
    );
  });
});
