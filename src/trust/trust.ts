/** What a provider has to be told, so that it accepts one ServiceAccount's tokens of one cluster. Pure. */
import { findPreset } from "../configuration/compile.ts";
import type { TrustSpec } from "../providers/provider-spec.ts";
import { type AccountName, isPattern, subjectOf, subjectRegex } from "./account-name.ts";
import type { Discovery } from "./cluster-queries.ts";
import { genericTrust } from "./generic-trust.ts";
import { hostPath, isPrivateUrl } from "./issuer.ts";
import type { KeySet } from "./jwks.ts";
import { type KnownIdentity, type MissingParameter, placeholder } from "./known-identity.ts";
import { proposedName } from "./proposed-name.ts";
import { isUnset, renderText, type Values } from "./render.ts";
import { holds, renderDocuments, renderSteps, type Step } from "./steps.ts";

/** How a provider gets a cluster's keys. */
export type KeySource = "discovery" | "upload";

/** The cluster, as its providers are to know it. */
export interface Issuer extends Discovery {
  /** Undefined where they are not known; then there are placeholders for them. */
  readonly keySet: KeySet | undefined;
}

/** Everything that a provider has to be told. As JSON it is what `podpass trust -o json` prints. */
export interface Trust {
  readonly provider: string;
  readonly preset: string | null;
  /** The service's own name. */
  readonly title: string;
  readonly serviceAccount: AccountName;
  readonly issuer: string;
  readonly jwksUri: string | null;
  readonly jwks: KeySet | null;
  readonly audience: string;
  readonly subject: string;
  /** The lifetime of the tokens, in seconds. */
  readonly expirationSeconds: number;
  readonly keys: KeySource;
  readonly parameters: { readonly [name: string]: string };
  readonly fields: { readonly [name: string]: string };
  readonly documents: { readonly [name: string]: unknown };
  readonly steps: readonly Step[];
  /** What has to be set before the webhook gives pods this identity. */
  readonly missing: readonly MissingParameter[];
  /** What will keep the provider from accepting the tokens. */
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
  readonly unverified: readonly string[];
  readonly documentation: string | null;
}

const JWKS_URI = placeholder("jwks-uri");

const keySource = (spec: TrustSpec, issuer: Issuer, wanted: KeySource | undefined): KeySource => {
  if (spec.keys !== "either") return spec.keys;
  if (wanted !== undefined) return wanted;
  const { issuer: url, jwksUri } = issuer;
  return isPrivateUrl(url) || (jwksUri !== undefined && isPrivateUrl(jwksUri)) ? "upload" : "discovery";
};

const derivedValues = (spec: TrustSpec, parameters: ReadonlyMap<string, string>): readonly [string, string][] =>
  Object.entries(spec.values ?? {}).flatMap(([name, { from, pattern, otherwise }]): [string, string][] => {
    const found = new RegExp(pattern, "u").exec(parameters.get(from) ?? "")?.[1] ?? otherwise;
    return found === undefined ? [] : [[`value.${name}`, found]];
  });

const valuesFor = (
  spec: TrustSpec,
  { audience, parameters }: KnownIdentity,
  { issuer, jwksUri, keySet }: Issuer,
  account: AccountName,
  isUpload: boolean,
): Values => {
  const jwks = keySet && JSON.stringify(keySet);
  const named = new Map([
    ["issuer", issuer],
    ["issuer.hostPath", hostPath(issuer)],
    ["issuer.slug", proposedName(hostPath(issuer), [issuer])],
    ["audience", audience],
    ["subject", subjectOf(account)],
    ["subject.regex", subjectRegex(account)],
    ["serviceAccount.namespace", account.namespace],
    ["serviceAccount.name", account.name],
    // With the issuer, since two clusters that one provider knows may have ServiceAccounts of the same name.
    ["account.slug", proposedName(`${account.namespace}-${account.name}`, [issuer, account.namespace, account.name])],
    ...derivedValues(spec, parameters),
  ]);
  if (jwksUri !== undefined) named.set("jwks.uri", jwksUri);
  if (jwks !== undefined) named.set("jwks", jwks);
  if (jwks !== undefined && isUpload) named.set("jwks.upload", jwks);
  return { named, parameters, keySet, isUpload, isPattern: isPattern(account) };
};

const unheardKeys = (title: string, keys: KeySource, wanted: KeySource | undefined): readonly string[] => {
  if (wanted === undefined || wanted === keys) return [];
  return [
    keys === "upload"
      ? `${title} does not fetch keys: they have to be handed over, and --keys discovery changes nothing.`
      : `${title} takes no keys that are handed over: it fetches them, and --keys upload changes nothing.`,
  ];
};

const warningsFor = (spec: TrustSpec, title: string, issuer: Issuer, trust: AccountName, keys: KeySource): string[] => {
  const warnings: string[] = [];
  const fetched = [issuer.issuer, ...(issuer.jwksUri === undefined ? [] : [issuer.jwksUri])];
  const unreachable = fetched.filter(isPrivateUrl);
  if (keys === "discovery" && unreachable.length > 0)
    warnings.push(
      `${title} fetches the cluster's keys, and cannot reach ${unreachable.join(" nor ")} from outside the cluster's network. Publish both discovery documents at a public https address, and give it to the API server as --service-account-issuer and --service-account-jwks-uri${spec.keys === "either" ? "; or hand the keys over (--keys upload)" : ""}.`,
    );
  if (keys === "upload" && issuer.keySet === undefined)
    warnings.push(`${title} has to be given the cluster's keys, which are not known here.`);
  if (isPattern(trust))
    warnings.push(
      trust.namespace === "*"
        ? "whoever may create a ServiceAccount of such a name, in any namespace of the cluster, gets this identity."
        : `whoever may create a ServiceAccount that matches gets this identity${trust.namespace.includes("*") ? ", and so does whoever may create such a namespace" : ""}.`,
    );
  const bytes = subjectOf(trust).length;
  if (spec.maxSubjectBytes !== undefined && !isPattern(trust) && bytes > spec.maxSubjectBytes)
    warnings.push(
      `the subject has ${bytes} bytes, and ${title} takes at most ${spec.maxSubjectBytes}: use shorter names.`,
    );
  return warnings;
};

/** Where the address of the keys is found, if a step has to be given it. */
const placeholderNotes = (steps: readonly Step[], { issuer, jwksUri }: Issuer): readonly string[] =>
  jwksUri === undefined && JSON.stringify(steps).includes(JWKS_URI)
    ? [`${JWKS_URI} is the jwks_uri of ${issuer.replace(/\/$/, "")}/.well-known/openid-configuration.`]
    : [];

type TrustField = NonNullable<TrustSpec["fields"]>[string];

const fieldsFor = (spec: TrustSpec, values: Values): Readonly<Record<string, string>> => {
  const always = { issuer: "${issuer}", audience: "${audience}", subject: "${subject}" };
  return Object.fromEntries(
    Object.entries<TrustField>({ ...always, ...spec.fields })
      .map(([name, field]) => [name, typeof field === "string" ? { text: field, when: undefined } : field] as const)
      .filter(([, { text, when }]) => holds(when, values) && !isUnset(text, values))
      .map(([name, { text }]) => [name, renderText(text, values)]),
  );
};

/**
 * Why `pattern` of ServiceAccounts cannot be registered at the provider, as the start of a sentence; undefined where it
 * can.
 */
export const patternProblem = ({ provider }: KnownIdentity, pattern: AccountName): string | undefined => {
  const preset = provider.preset === undefined ? undefined : findPreset(provider.preset);
  if (preset === undefined) return `whether ${provider.name} can match subjects by a pattern is not known`;
  const { subjectPatterns } = preset.trust;
  if (subjectPatterns === "prefix")
    return /^[^*]*\*$/.test(subjectOf(pattern))
      ? undefined
      : `${preset.title} matches subjects by how they begin; allowed: one * that ends the name, as in 'preview/*'`;
  return subjectPatterns === true
    ? undefined
    : `${preset.title} is told of each subject by itself, and knows no patterns as far as is known here`;
};

/** Describes the trust that `account`'s `identity` needs; `wanted` decides about keys where the provider leaves a choice. */
export const trustOf = (identity: KnownIdentity, issuer: Issuer, account: AccountName, wanted?: KeySource): Trust => {
  const preset = identity.provider.preset === undefined ? undefined : findPreset(identity.provider.preset);
  const spec = preset?.trust ?? genericTrust;
  const title = preset?.title ?? identity.provider.name;
  const keys = keySource(spec, issuer, wanted);
  const values = valuesFor(spec, identity, issuer, account, keys === "upload");
  const documents = renderDocuments(spec, values);
  const steps = renderSteps(spec, values, documents);
  return {
    provider: identity.provider.name,
    preset: preset?.name ?? null,
    title,
    serviceAccount: { namespace: account.namespace, name: account.name },
    issuer: issuer.issuer,
    jwksUri: issuer.jwksUri ?? null,
    jwks: issuer.keySet ?? null,
    audience: identity.audience,
    subject: subjectOf(account),
    expirationSeconds: identity.expirationSeconds,
    keys,
    parameters: Object.fromEntries(identity.parameters),
    fields: fieldsFor(spec, values),
    documents: Object.fromEntries(documents.printed),
    steps,
    missing: identity.missing,
    warnings: [...unheardKeys(title, keys, wanted), ...warningsFor(spec, title, issuer, account, keys)],
    notes: [...placeholderNotes(steps, issuer), ...(spec.notes ?? []).map((note) => renderText(note, values))],
    unverified: spec.unverified ?? [],
    documentation: preset?.documentation ?? null,
  };
};
