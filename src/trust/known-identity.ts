/** As much of an identity as is known before the provider has been told of it. */
import { lifetimeOf } from "../configuration/lifetime.ts";
import type { Provider, Settings } from "../configuration/settings.ts";
import { readList } from "../federation/annotation-keys.ts";
import { resolveFederation } from "../federation/federation.ts";
import { resolveIdentity } from "../federation/identity.ts";
import { ownAnnotations } from "../federation/own-annotations.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import { judgeLifetime } from "../policy/token-policy.ts";
import { isExempt, Verdicts } from "../policy/verdict.ts";
import { renderTemplate } from "../providers/template.ts";
import { ACCOUNT_LIMITS } from "../reasons/limits.ts";
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

/** What keeps the webhook from giving pods an identity at `provider`; missing parameters keep nobody from finding out. */
const problemsOf = (account: ServiceAccount, provider: Provider, settings: Settings): readonly Problem[] => {
  const key = `${settings.annotationPrefix}/federate`;
  const wholeList = resolveFederation(account, settings).problems.filter(
    ({ reason }) => reason === "too-many-providers",
  );
  // Only this provider's: what is wrong with the others is not asked for.
  const alone = { ...account, annotations: new Map(account.annotations).set(key, provider.name) };
  const own = resolveFederation(alone, settings).problems.filter(({ reason }) => reason !== "missing-parameter");
  return [...wholeList, ...own];
};

/**
 * Finds `account`'s identity at `providerName`. Parameters that are missing are no problem here: many of them are what
 * the provider answers with once it has been told of the cluster.
 */
export const findIdentity = (account: ServiceAccount, providerName: string, settings: Settings): FoundIdentity => {
  const { annotationPrefix: prefix, providers } = settings;
  const refuse = (problems: readonly string[]): FoundIdentity => ({ ok: false, problems });
  const provider = providers.get(providerName);
  if (provider === undefined)
    return refuse([`there is no provider ${quote(providerName)}; configured: ${list([...providers.keys()], 30)}`]);
  const key = `${prefix}/federate`;
  const { names } = readList(account.annotations.get(key) ?? "", ACCOUNT_LIMITS["too-many-providers"].max);
  if (!names.has(providerName)) return refuse([notFederated(account, key, providerName, [...names])]);
  const problems = problemsOf(account, provider, settings);
  if (problems.length > 0) return refuse(problems.map(({ text }) => text));

  const own = ownAnnotations(account.annotations, prefix, ACCOUNT_LIMITS["too-many-keys"].max);
  const annotations: ReadonlyMap<string, string> = own?.get(providerName) ?? new Map();
  const { namespace } = account;
  const { known } = resolveIdentity({ provider, annotations, account, prefix });
  return {
    ok: true,
    identity: {
      provider,
      parameters: known.parameters,
      audience: known.audience ?? audienceOf(provider, known.parameters),
      expirationSeconds: secondsOf(provider, known.requestedSeconds, settings, namespace),
      missing: known.missing.map(({ name, settable }) => ({
        name,
        annotation: settable ? `${providerName}.${prefix}/${name}` : undefined,
      })),
    },
  };
};
