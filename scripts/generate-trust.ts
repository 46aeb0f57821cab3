/** What a preset's service must be told, as a part of docs/presets.md: made by the code of `podpass trust`, of examples. */
import { compileConfiguration } from "../src/configuration/compile.ts";
import type { Preset, TrustCondition } from "../src/providers/provider-spec.ts";
import { findIdentity } from "../src/trust/known-identity.ts";
import { shellCommand } from "../src/trust/shell.ts";
import type { Step } from "../src/trust/steps.ts";
import { type KeySource, type Trust, trustOf } from "../src/trust/trust.ts";
import { visibleJson } from "../src/trust/visible-json.ts";
import { bullets, code, fence, table } from "./markdown.ts";

const ACCOUNT = { namespace: "production", name: "my-api" };
/** ServiceAccounts of which there may be many. */
const PATTERN = { namespace: "preview-*", name: "my-api" };
const ISSUER = "https://oidc.example.com";
const KEY_SET = { keys: [{ kty: "RSA", use: "sig", alg: "RS256", kid: "<key-id>", n: "<modulus>", e: "AQAB" }] };

/** The description for a ServiceAccount with every example but that of `without`. */
const describe = (preset: Preset, keys: KeySource, when: TrustCondition = {}): Trust => {
  const without = when.lacks;
  const account = when.subject === "pattern" ? PATTERN : ACCOUNT;
  const examples = Object.entries(preset.parameters).flatMap(([name, { example, scope }]) =>
    name === without || example === undefined ? [] : [{ name, example, isPlatform: scope === "platform" }],
  );
  const parameters = examples
    .filter(({ isPlatform }) => isPlatform)
    .map(({ name, example: value }) => [name, { value }]);
  const compiled = compileConfiguration({
    providers: { [preset.name]: { preset: preset.name, parameters: Object.fromEntries(parameters) } },
  });
  if (!compiled.ok) throw new Error(`the examples of ${preset.name} are no configuration`);
  const annotations = new Map([["podpass.dev/federate", preset.name]]);
  for (const { name, example, isPlatform } of examples)
    if (!isPlatform) annotations.set(`${preset.name}.podpass.dev/${name}`, example);
  const found = findIdentity({ ...account, annotations }, preset.name, compiled.settings);
  if (!found.ok) throw new Error(found.problems.join("\n"));
  const issuer = { issuer: ISSUER, jwksUri: `${ISSUER}/openid/v1/jwks`, keySet: KEY_SET };
  return trustOf(found.identity, issuer, account, keys);
};

const KEYS = { discovery: "where the service fetches the keys", upload: "where the keys are handed over" } as const;

const sourcesOf = ({ trust }: Preset, when: TrustCondition = {}): readonly KeySource[] => {
  const all: readonly KeySource[] = trust.keys === "either" ? ["discovery", "upload"] : [trust.keys];
  return all.filter((keys) => when.keys === undefined || keys === when.keys);
};

const conditionOf = (when: TrustCondition | undefined): readonly string[] => [
  ...(when?.keys === undefined ? [] : [KEYS[when.keys]]),
  ...(when?.has === undefined ? [] : [`with ${code(when.has)}`]),
  ...(when?.lacks === undefined ? [] : [`without ${code(when.lacks)}`]),
  ...(when?.subject === undefined ? [] : [when.subject === "pattern" ? "for a pattern" : "for one ServiceAccount"]),
];

/** What `show` makes of each way to hand over the keys; both, with a word on each, where they differ. */
const eachWay = (
  preset: Preset,
  when: TrustCondition | undefined,
  show: (trust: Trust) => string | undefined,
): string => {
  const shown = sourcesOf(preset, when).flatMap((keys) => {
    const text = show(describe(preset, keys, when));
    return text === undefined ? [] : [{ keys, text }];
  });
  if (new Set(shown.map(({ text }) => text)).size === 1) return shown[0]?.text ?? "";
  return shown.map(({ keys, text }) => `${KEYS[keys].replace("w", "W")}:\n\n${text}`).join("\n\n");
};

const json = (name: string, { documents }: Trust): string | undefined =>
  Object.hasOwn(documents, name)
    ? `The document ${code(name)}:\n\n${fence("json", visibleJson(documents[name], 2))}`
    : undefined;

const form = (fields: Readonly<Record<string, string>>): string =>
  table(
    ["Field", "Value"],
    Object.entries(fields).map(([label, value]) => [label, value === "" ? "yours to choose" : code(value)]),
  );

const stepBody = (step: Step, trust: Trust): string => {
  if (step.kind === "command") return fence("sh", shellCommand(step.argv, step.writes));
  if (step.kind === "withheld") throw new Error(`an example cannot be printed: ${step.because}`);
  if (step.kind === "statement") return `In ${step.place}:\n\n${fence(step.language, step.text)}`;
  const fields = Object.keys(step.fields).length === 0 ? [] : [form(step.fields)];
  const documents = step.documents.map((name) => json(name, trust) ?? "");
  return [`In ${step.place}:`, ...fields, ...documents].join("\n\n");
};

const steps = (preset: Preset): readonly string[] =>
  preset.trust.steps.map(({ title, once, when }, index) => {
    const conditions = conditionOf(when);
    const only = conditions.length === 0 ? "" : ` Only ${conditions.join(", ")}.`;
    const body = eachWay(preset, when, (trust) => {
      const step = trust.steps.find((one) => one.title === title);
      return step && stepBody(step, trust);
    });
    return `**${index + 1}. ${title}**${once ? " Once for the cluster." : ""}${only}\n\n${body}`;
  });

/** Those that no form shows. */
const looseDocuments = (preset: Preset): readonly string[] => {
  const { documents = {}, steps: all } = preset.trust;
  const shown = new Set(all.flatMap((step) => ("documents" in step ? (step.documents ?? []) : [])));
  return Object.entries(documents)
    .filter(([name]) => !shown.has(name))
    .map(([name, { when }]) => {
      const only = conditionOf(when).map((condition) => `Only ${condition}. `);
      return `${only.join("")}${eachWay(preset, when, (trust) => json(name, trust))}`;
    });
};

const HANDOVER = {
  discovery: "The service fetches the cluster's keys, so it has to reach the issuer's address.",
  upload: "The cluster's keys are handed over: again whenever they change.",
  either:
    "The service fetches the cluster's keys where it can reach the issuer's address; otherwise they are handed over, again whenever they change.",
} as const;

/** The part of `preset`'s section. */
export const trustSection = (preset: Preset): string => {
  const { trust, title, name } = preset;
  const [keys = "discovery"] = sourcesOf(preset);
  const described = describe(preset, keys);
  const fields = Object.entries(described.fields).map(([field, value]) => [code(field), code(value)]);
  const { subjectPatterns } = trust;
  const pattern = code(subjectPatterns === "prefix" ? "'preview/*'" : "'preview-*/my-api'");
  const { notes, unverified } = described;
  const blocks = [
    `### What ${title} must be told`,
    `${HANDOVER[trust.keys]} With your own values: \`podpass trust ${name} NAMESPACE/NAME\`${subjectPatterns ? `, or a pattern such as ${pattern}` : ""}.`,
    table(["Field", "Here, for example"], fields),
    ...steps(preset),
    ...looseDocuments(preset),
    notes.length > 0 && bullets(notes),
    unverified.length > 0 && `Not verified:\n\n${bullets(unverified)}`,
  ];
  return blocks.filter((block) => typeof block === "string").join("\n\n");
};
