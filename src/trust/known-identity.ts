/** As much of an identity as is known before the provider has been told of it. */
import { lifetimeOf } from "../configuration/lifetime.ts";
import type { Provider, Settings } from "../configuration/settings.ts";
import { whyNotIn } from "../federation/allowed-namespaces.ts";
import { type Claims, readClaims } from "../federation/claims.ts";
import { resolveFederation } from "../federation/federation.ts";
import { resolveIdentity } from "../federation/identity.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import { judgeLifetime } from "../policy/token-policy.ts";
import { isExempt, Verdicts } from "../policy/verdict.ts";
import { renderTemplate } from "../providers/template.ts";
import { didYouMean } from "../reasons/nearest.ts";
import type { Problem } from "../reasons/reasons.ts";
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
  /** Empty: Podpass would inject it. */
  readonly missing: readonly MissingParameter[];
}

/** An identity, or why there is none: a sentence each, with what to do. */
export type FoundIdentity =
  | { readonly ok: true; readonly identity: KnownIdentity }
  | { readonly ok: false; readonly problems: readonly string[] };

const notFederated = (account: ServiceAccount, key: string, provider: string, others: readonly string[]): string => {
  const wanted = [...others, provider].join(",");
  const found = others.length === 0 ? `has no annotation ${key}` : `has ${key}: ${list(others)}`;
  return (
    `ServiceAccount ${account.namespace}/${account.name} ${found}, so its pods get no identity at ${quote(provider)}. ` +
    `Set it: kubectl annotate serviceaccount ${account.name} --namespace ${account.namespace} --overwrite ${key}=${others.every((name) => /^[a-z0-9-]+$/.test(name)) ? wanted : provider}`
  );
};

const TOKEN = { path: "token", short: "token", field: undefined };

/** What the webhook would ask for; a policy that refuses or warns instead of clamping leaves the value as it is. */
const secondsOf = (
  provider: Provider,
  requested: number | undefined,
  settings: Settings,
  namespace: string,
): number => {
  const seconds = lifetimeOf(provider, requested);
  if (isExempt(settings, namespace)) return seconds;
  return judgeLifetime(settings.policy, seconds, TOKEN, new Verdicts(settings.policy));
};

/** A parameter without a value, as it is shown to a person. */
export const placeholder = (name: string): string => `<${name}>`;

/** The provider's audience with placeholders. */
const audienceOf = ({ audience }: Provider, parameters: ReadonlyMap<string, string>): string =>
  renderTemplate(audience, (reference) =>
    reference.kind === "parameter" ? (parameters.get(reference.name) ?? placeholder(reference.name)) : undefined,
  ) ?? placeholder("audience");

const OF_ALL: ReadonlySet<Problem["reason"]> = new Set(["too-many-providers", "too-many-keys", "too-many-names"]);

/** Is it about the annotations of all providers together? */
const isOfAll = ({ reason, field }: Problem, prefix: string): boolean =>
  OF_ALL.has(reason) && (reason !== "too-many-names" || (field.at(-1) ?? "").startsWith(`${prefix}/`));

/** What keeps the webhook from giving pods an identity at `provider`; what is wrong with others is not asked for. */
const problemsOf = (
  account: ServiceAccount,
  settings: Settings,
  ofProvider: readonly Problem[],
): readonly Problem[] => {
  const ofAll = resolveFederation(account, settings).problems.filter((one) => isOfAll(one, settings.annotationPrefix));
  // Missing parameters keep nobody from finding out.
  return [...ofAll, ...ofProvider.filter(({ reason }) => reason !== "missing-parameter")];
};

/** The annotation that a person may write for a parameter, which is ours. */
const annotationOf = (provider: Provider, name: string, { annotationPrefix }: Settings): string =>
  `${provider.name}.${annotationPrefix}/${name}`;

const resolved = (account: ServiceAccount, provider: Provider, claims: Claims, settings: Settings) =>
  resolveIdentity({
    provider,
    claims: claims.of(provider),
    account,
    prefix: settings.annotationPrefix,
  });

/**
 * Finds `account`'s identity at `providerName`. Parameters that are missing are no problem here: many of them are what
 * the provider answers with once it has been told of the cluster.
 */
export const findIdentity = (account: ServiceAccount, providerName: string, settings: Settings): FoundIdentity => {
  const { annotationPrefix: prefix, providers } = settings;
  const refuse = (problems: readonly string[]): FoundIdentity => ({ ok: false, problems });
  const provider = providers.get(providerName);
  if (provider === undefined)
    return refuse([
      `there is no provider ${quote(providerName)};${didYouMean(providerName, providers.keys())} allowed: ${list([...providers.keys()], 30)}`,
    ]);
  const elsewhere = whyNotIn(provider, account.namespace);
  if (elsewhere !== undefined) return refuse([elsewhere]);
  const claims = readClaims(account, settings);
  const names = [...claims.providers].flatMap(([name, origin]) => (origin === "own" ? [name] : []));
  if (!claims.providers.has(providerName))
    return refuse([notFederated(account, `${prefix}/federate`, providerName, names)]);
  const { known, problems: ofProvider } = resolved(account, provider, claims, settings);
  const problems = problemsOf(account, settings, ofProvider);
  if (problems.length > 0) return refuse(problems.map(({ text }) => text));
  return {
    ok: true,
    identity: {
      provider,
      parameters: known.parameters,
      audience: known.audience ?? audienceOf(provider, known.parameters),
      expirationSeconds: secondsOf(provider, known.requestedSeconds, settings, account.namespace),
      missing: known.missing.map(({ name, settable }) => ({
        name,
        annotation: settable ? annotationOf(provider, name, settings) : undefined,
      })),
    },
  };
};
