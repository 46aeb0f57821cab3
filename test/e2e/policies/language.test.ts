/** What texts and patterns mean, said by the API server's own CEL: the ground on which policies and webhook are equal. */
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { matchesPattern } from "../../../src/configuration/patterns.ts";
import { text, wildcardPattern } from "../../../src/policies/cel.ts";
import type { PolicyObject } from "../../../src/policies/objects.ts";
import { trimmed } from "../../../src/reasons/characters.ts";
import { describeOnCluster, useCluster } from "../../cluster/harness.ts";
import { applyPolicies } from "../../cluster/policies.ts";

const SPACES = ["\t", "\v", "\u0085", "\u00a0", "\u1680", "\u180e", "\u2003", "\u200b", "\u2028", "\u202f", "\u3000"];
const ODD = ["\ufeff", "\u0000", "\u001c", "\u007f", "\u009f", "😀", "é", "'", "\\", "\n", "\r", "$", "\u{10ffff}"];

const texts = fc.oneof(
  fc.array(fc.constantFrom(...SPACES, ...ODD, "a", " ", ","), { maxLength: 6 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 12 }),
);
const pieces = fc.array(fc.constantFrom("a", "b", ".", "(", "\\", "$", "*", "*", "😀", "\n"), { maxLength: 6 });

const TEXTS = [...SPACES, ...ODD, ...fc.sample(texts, { numRuns: 500, seed: 1 })].map((one) => one.toWellFormed());
const PATTERNS = fc.sample(fc.tuple(pieces, pieces), { numRuns: 500, seed: 2 }).map(([pattern, value]) => ({
  pattern: pattern.join(""),
  value: value.join("").replaceAll("*", "ab"),
}));

const NAME = "podpass-language";
const metadata = { name: NAME, labels: {}, annotations: {} };
const apiVersion = "admissionregistration.k8s.io/v1";

/** Every literal of `TEXTS` beside the text itself, which comes as data. */
const LITERALS = `[${TEXTS.map(text).join(", ")}]`;

const POLICY: readonly PolicyObject[] = [
  {
    apiVersion,
    kind: "ValidatingAdmissionPolicy",
    metadata,
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }],
      },
      matchConditions: [{ name: "ours", expression: "object.metadata.name == 'language'" }],
      validations: [
        { expression: "object.data.text.trim() == object.data.trimmed", message: "trim" },
        { expression: "object.data.text.size() == int(object.data.size)", message: "size" },
        { expression: "object.data.text.matches('\\\\p{Cc}') == (object.data.control == 'true')", message: "control" },
        { expression: `${LITERALS}[int(object.data.index)] == object.data.text`, message: "literal" },
        {
          expression: "object.data.value.matches(object.data.pattern) == (object.data.matches == 'true')",
          message: "pattern",
        },
      ],
    },
  },
  {
    apiVersion,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata,
    spec: { policyName: NAME, validationActions: ["Deny"] },
  },
];

describeOnCluster("the API server's CEL", () => {
  const cluster = useCluster();
  const judged = async (data: Readonly<Record<string, string>>) => {
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "language" }, data };
    const path = "/api/v1/namespaces/default/configmaps?dryRun=All";
    const { status, body } = await cluster().request<{ message?: string }>("POST", path, object);
    return status === 201 ? undefined : body.message;
  };
  const matching = ({ pattern, value }: (typeof PATTERNS)[number]) => ({
    pattern: `(?s)^(?:${wildcardPattern(pattern)})$`,
    value,
    matches: `${matchesPattern(pattern, value)}`,
  });

  const dataOf = (index: number) => {
    const one = TEXTS[index] ?? "";
    return {
      index: `${index}`,
      text: one,
      trimmed: trimmed(one),
      size: `${[...one].length}`,
      control: `${/\p{Cc}/u.test(one)}`,
      ...matching(PATTERNS[index % PATTERNS.length] ?? { pattern: "", value: "" }),
    };
  };

  beforeAll(() => applyPolicies(cluster(), POLICY));

  it("trims, counts, reads and matches texts as Podpass does", async () => {
    const answers = await Promise.all(TEXTS.map((_, index) => judged(dataOf(index))));
    expect(answers.flatMap((answer, index) => (answer === undefined ? [] : [[answer, dataOf(index)]]))).toEqual([]);
  });

  it.each(["trimmed", "size", "control", "text", "matches"])("would not let pass what differs in %s", async (field) => {
    const index = TEXTS.indexOf("\u00a0");
    const data: Readonly<Record<string, string>> = dataOf(index);
    const other = { trimmed: "x", size: "2", control: "true", text: "\u2028", matches: "?" }[field] ?? "";
    const wrong = other === "?" ? `${data["matches"] !== "true"}` : other;
    expect(await judged({ ...data, [field]: wrong })).toContain("denied request");
  });
});
