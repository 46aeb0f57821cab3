/** As much of an identity as is known before the provider has been told of it. */
import { matchesAny } from "../configuration/patterns.ts";
import type { Bounds, Provider, Settings } from "../configuration/settings.ts";
import { resolveFederation } from "../federation/federation.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import { renderTemplate } from "../providers/template.ts";
import { list, quote } from "../reasons/text.ts";

/** A parameter that has to be set before the provider can be used, and where. */
export interface MissingParameter {
  readonly name: string;
  /** The annotation; undefined where only the platform may set it. */
  readonly annotation: string | undefined;
}

/** One provider's identity of one ServiceAccount, complete or not. */
export interface KnownIdentity {
  readonly provider: Provider;
  readonly parameters: ReadonlyMap<string, string>;
  /** With placeholders, such as `<client-id>`, for parameters that are missing. */
  readonly audience: string;
  /** The lifetime that the webhook would ask for. */
  readonly expirationSeconds: number;
  /** Nothing is missing: Podpass would inject it. */
  readonly isComplete: boolean;
  readonly missing: readonly MissingParameter[];
}

/** An identity, or why there is none: a sentence each, with what to do. */
export type FoundIdentity =
  | { readonly ok: true; readonly identity: KnownIdentity }
  | { readonly ok: false; readonly problems: readonly string[] };

const readFederate = (account: ServiceAccount, key: string): readonly string[] =>
  (account.annotations.get(key) ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");

const notFederated = (account: ServiceAccount, key: string, provider: string): string => {
  const others = readFederate(account, key);
  const wanted = [...others, provider].join(",");
  const found = others.length === 0 ? `has no annotation ${key}` : `has ${key}: ${list(others)}`;
  return (
    `ServiceAccount ${account.namespace}/${account.name} ${found}, so its pods get no identity at ${quote(provider)}. ` +
    `Set it: kubectl annotate serviceaccount ${account.name} --namespace ${account.namespace} --overwrite ${key}=${others.every((name) => /^[a-z0-9-]+$/.test(name)) ? wanted : provider}`
  );
};

const parametersOf = (provider: Provider, account: ServiceAccount, prefix: string): ReadonlyMap<string, string> => {
  const parameters = new Map<string, string>();
  for (const { name, settable, platformValue } of provider.parameters.values()) {
    const annotated = settable ? account.annotations.get(`${provider.name}.${prefix}/${name}`) : undefined;
    const value = annotated ?? platformValue;
    if (value !== undefined) parameters.set(name, value);
  }
  return parameters;
};

const clamp = (value: number, { min, max }: Bounds): number => Math.min(Math.max(value, min), max);

/** What the webhook would ask for; a policy that refuses or warns instead of clamping leaves the value as it is. */
const secondsOf = (
  provider: Provider,
  requested: number | undefined,
  settings: Settings,
  namespace: string,
): number => {
  const { lifetime: bounds, enforcement, exemptNamespaces } = settings.policy;
  const seconds = clamp(requested ?? provider.lifetime.default, provider.lifetime);
  const isClamped = bounds?.violation === "Clamp" && enforcement === "Enforce";
  return bounds !== undefined && isClamped && !matchesAny(exemptNamespaces, namespace)
    ? clamp(seconds, bounds)
    : seconds;
};

/** A parameter without a value, as it is shown to a person. */
export const placeholder = (name: string): string => `<${name}>`;

/**
 * Finds `account`'s identity at `providerName`. Parameters that are missing are no problem here: many of them are what
 * the provider answers with once it has been told of the cluster.
 */
export const findIdentity = (account: ServiceAccount, providerName: string, settings: Settings): FoundIdentity => {
  const { annotationPrefix: prefix, providers } = settings;
  const provider = providers.get(providerName);
  if (provider === undefined)
    return {
      ok: false,
      problems: [`there is no provider ${quote(providerName)}; configured: ${list([...providers.keys()], 30)}`],
    };
  const key = `${prefix}/federate`;
  if (!readFederate(account, key).includes(providerName))
    return { ok: false, problems: [notFederated(account, key, providerName)] };

  // Only this provider's: what is wrong with the others is not asked for.
  const annotations = new Map(account.annotations).set(key, providerName);
  const { identities, problems } = resolveFederation({ ...account, annotations }, settings);
  const hard = problems.filter(({ reason }) => reason !== "missing-parameter");
  if (hard.length > 0) return { ok: false, problems: hard.map(({ text }) => text) };

  const [resolved] = identities;
  if (resolved !== undefined) {
    const { parameters, audience, requestedSeconds } = resolved;
    const expirationSeconds = secondsOf(provider, requestedSeconds, settings, account.namespace);
    return { ok: true, identity: { provider, parameters, audience, expirationSeconds, isComplete: true, missing: [] } };
  }
  const parameters = parametersOf(provider, account, prefix);
  const missing = [...provider.parameters.values()]
    .filter(({ name, required }) => required && !parameters.has(name))
    .map(({ name, settable }) => ({ name, annotation: settable ? `${providerName}.${prefix}/${name}` : undefined }));
  const audience =
    account.annotations.get(`${providerName}.${prefix}/audience`) ??
    renderTemplate(provider.audience, (reference) =>
      reference.kind === "parameter" ? (parameters.get(reference.name) ?? placeholder(reference.name)) : undefined,
    ) ??
    placeholder("audience");
  const requested = account.annotations.get(`${providerName}.${prefix}/expiration-seconds`);
  const seconds = requested === undefined ? undefined : Number(requested);
  const expirationSeconds = secondsOf(provider, seconds, settings, account.namespace);
  return { ok: true, identity: { provider, parameters, audience, expirationSeconds, isComplete: false, missing } };
};
