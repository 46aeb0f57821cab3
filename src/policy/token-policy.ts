/** `policy.tokens`: audience and lifetime of every projected ServiceAccount token, injected or written by hand. */
import { clamp } from "../configuration/lifetime.ts";
import { matchesAny, matchesPattern } from "../configuration/patterns.ts";
import type { Policy, Settings } from "../configuration/settings.ts";
import { type Identity, parameterLookup } from "../federation/identity.ts";
import type { Pod, ServiceAccountTokenProjection } from "../pod/pod.ts";
import { KUBERNETES_DEFAULT_SECONDS } from "../pod/volumes.ts";
import { renderTemplate } from "../providers/template.ts";
import type { FieldPath } from "../reasons/reasons.ts";
import { list, quote } from "../reasons/text.ts";
import type { Verdicts } from "./verdict.ts";

/** Where a judged token stands: as a field, and in few words. */
export interface TokenField {
  /** E.g. `spec.volumes[2].projected.sources[0].serviceAccountToken`. */
  readonly path: string;
  /** E.g. `volume "vault"`. */
  readonly short: string;
  /** Undefined for a token that the pod does not have yet. */
  readonly field: FieldPath | undefined;
}

const memberOf = ({ field }: TokenField, name: string): FieldPath | undefined => field && [...field, name];

/** The lifetime (seconds) that `policy` leaves of `seconds`; what it says about it goes to `verdicts`. */
export const judgeLifetime = (policy: Policy, seconds: number, field: TokenField, verdicts: Verdicts): number => {
  const bounds = policy.lifetime;
  if (bounds === undefined || (seconds >= bounds.min && seconds <= bounds.max)) return seconds;
  const allowed = `${bounds.min} to ${bounds.max}`;
  const violation = {
    reason: "lifetime-not-allowed" as const,
    sentence: `${field.path}.expirationSeconds is ${seconds}; allowed: ${allowed} (policy.tokens.expirationSeconds)`,
    warning: `${field.short}: lifetime ${seconds} s; allowed: ${allowed}`,
    field: memberOf(field, "expirationSeconds"),
  };
  if (bounds.violation === "Warn") verdicts.warn(violation);
  else if (bounds.violation === "Deny") verdicts.deny(violation);
  else if (verdicts.enforces(violation)) {
    const clamped = clamp(seconds, bounds);
    const text = `${field.short}: lifetime ${seconds} s becomes ${clamped} s; allowed: ${allowed}`;
    const at = violation.field;
    verdicts.warnings.push({ reason: "lifetime-clamped", text, ...(at && { field: at }) });
    return clamped;
  }
  return seconds;
};

const platformParameters = (parameters: Identity["provider"]["parameters"]): ReadonlyMap<string, string> =>
  new Map(
    [...parameters].flatMap(([name, { platformValue }]) =>
      platformValue === undefined ? [] : [[name, platformValue] as const],
    ),
  );

/** Parameters as any ServiceAccount may set them: a wildcard for each that the platform keeps not to itself. */
const anyParameters = (parameters: Identity["provider"]["parameters"]): ReadonlyMap<string, string> => {
  const settable = [...parameters.values()].filter((parameter) => parameter.settable);
  return new Map([...platformParameters(parameters), ...settable.map(({ name }) => [name, "*"] as const)]);
};

/**
 * The audience of each provider that `namespace` may use, as resolved for a ServiceAccount with `identities`; patterns of
 * them where that is not known.
 */
const providerAudiences = (
  settings: Settings,
  namespace: string,
  identities: readonly Identity[] | undefined,
): readonly string[] => {
  const audiences: string[] = [];
  for (const provider of settings.providers.values()) {
    if (provider.allowedNamespaces !== undefined && !matchesAny(provider.allowedNamespaces, namespace)) continue;
    const own = identities?.find((identity) => identity.provider === provider)?.parameters;
    const known = identities === undefined ? anyParameters : platformParameters;
    const parameters = own ?? known(provider.parameters);
    const audience = renderTemplate(provider.audience, parameterLookup(parameters));
    if (audience !== undefined) audiences.push(audience);
    for (const { defaultAudience } of provider.native)
      if (defaultAudience !== undefined) audiences.push(defaultAudience);
  }
  return audiences;
};

/** Judges audiences; made once for a pod, since what a provider's audience is depends on the pod's ServiceAccount. */
export type AudienceJudge = (audience: string, field: TokenField, verdicts: Verdicts) => void;

/**
 * The judge for a pod in `namespace` whose ServiceAccount has `identities`, or may have any where they are undefined.
 * Undefined where every audience is allowed.
 */
export const audienceJudge = (
  settings: Settings,
  namespace: string,
  identities: readonly Identity[] | undefined,
): AudienceJudge | undefined => {
  const rule = settings.policy.audiences;
  if (rule === undefined) return undefined;
  // Most pods have no token to be judged, and a template for each provider takes longer than the rest of a decision.
  let rendered: readonly string[] | undefined;
  let allowed: string | undefined;
  return (audience, field, verdicts) => {
    if (audience === "" || rule.allow.some((pattern) => matchesPattern(pattern, audience))) return;
    rendered ??= providerAudiences(settings, namespace, identities);
    const ofProviders = rendered;
    const isProviders = (one: string) => (identities === undefined ? matchesPattern(one, audience) : one === audience);
    if (ofProviders.some(isProviders)) return;
    allowed ??= [
      "the API server's own",
      ...[...new Set([...rule.allow, ...ofProviders])].slice(0, 24).map((one) => quote(one, 100)),
    ].join(", ");
    const violation = {
      reason: "audience-not-allowed" as const,
      sentence: `${field.path}.audience is ${quote(audience, 100)}; allowed: ${allowed} (policy.tokens.audiences)`,
      warning: `${field.short}: audience ${quote(audience, 30)} is not allowed; allowed: ${list(rule.allow, 1) || "the providers'"}`,
      field: memberOf(field, "audience"),
    };
    if (rule.violation === "Warn") verdicts.warn(violation);
    else verdicts.deny(violation);
  };
};

// Exactly what the ServiceAccount admission plugin adds; a volume's name says nothing.
const isApiServersOwn = (token: ServiceAccountTokenProjection): boolean =>
  !token.audience && token.expirationSeconds === 3607 && token.path === "token";

/** A lifetime to set, and where. */
export interface Clamp {
  readonly token: ServiceAccountTokenProjection;
  readonly volume: number;
  readonly source: number;
  readonly seconds: number;
}

/** Judges every token that is in the pod already; returns the lifetimes to change. */
export const judgePodTokens = (
  pod: Pod,
  policy: Policy,
  judgeAudience: AudienceJudge | undefined,
  verdicts: Verdicts,
): readonly Clamp[] => {
  const clamps: Clamp[] = [];
  if (policy.lifetime === undefined && judgeAudience === undefined) return clamps;
  pod.spec.volumes?.forEach((volume, volumeIndex) => {
    volume.projected?.sources?.forEach(({ serviceAccountToken: token }, sourceIndex) => {
      if (!token || isApiServersOwn(token)) return;
      const field = {
        path: `spec.volumes[${volumeIndex}].projected.sources[${sourceIndex}].serviceAccountToken`,
        short: `volume ${quote(volume.name, 40)}`,
        field: ["spec", "volumes", `${volumeIndex}`, "projected", "sources", `${sourceIndex}`, "serviceAccountToken"],
      };
      const seconds = token.expirationSeconds ?? KUBERNETES_DEFAULT_SECONDS;
      const judged = judgeLifetime(policy, seconds, field, verdicts);
      if (judged !== seconds) clamps.push({ token, volume: volumeIndex, source: sourceIndex, seconds: judged });
      judgeAudience?.(token.audience ?? "", field, verdicts);
    });
  });
  return clamps;
};
