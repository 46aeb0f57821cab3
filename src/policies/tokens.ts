/** The projected ServiceAccount tokens of a pod, in CEL. */
import { beyond, POD_LIMITS, type PodLimit } from "../reasons/limits.ts";
import { ABOUT_POD } from "./account.ts";
import { text } from "./cel.ts";
import type { NamedExpression, Validation } from "./objects.ts";

/** Does the volume `v` have projected sources? `sources` is null where a pod says `projected: {}`. */
const HAS_SOURCES = "has(v.projected) && v.projected.sources != null";

const VOLUMES = "object.spec.?volumes.orValue([])";

const max = (limit: PodLimit): number => POD_LIMITS[limit].max;

/** Match condition: a pod without a projected volume is not looked at. More volumes than are allowed are not looked through. */
export const HAS_PROJECTED: NamedExpression = {
  name: "has-projected-volumes",
  expression: `${VOLUMES}.size() > ${max("too-many-volumes")} || ${VOLUMES}.exists(v, ${HAS_SOURCES})`,
};

/** The variable `projected`: the pod's volumes with projected sources. */
const PROJECTED: NamedExpression = {
  name: "projected",
  expression: `${VOLUMES}.filter(v, ${HAS_SOURCES})`,
};

/** Does a token projection of {@link PROJECTED} fulfil `condition`, an expression over the source `s`? */
export const someToken = (condition: string): string =>
  `variables.projected.exists(v, v.projected.sources.exists(s, has(s.serviceAccountToken) && ${condition}))`;

/** Of every volume `perVolume`, added up. */
const sum = (perVolume: string): string => `variables.projected.map(v, ${perVolume}).sum()`;

const itemsOf = (kind: string): string => `(has(s.${kind}) && has(s.${kind}.items) ? s.${kind}.items.size() : 0)`;

const ITEMS = `v.projected.sources.map(s, ${["configMap", "secret", "downwardAPI"].map(itemsOf).join(" + ")}).sum()`;

/** In this order, since each step looks at no more than the one before lets through. */
const STEPS: readonly (readonly [breached: string, limit: PodLimit])[] = [
  [`${VOLUMES}.size() > ${max("too-many-volumes")}`, "too-many-volumes"],
  [`${sum("v.projected.sources.size()")} > ${max("too-many-sources")}`, "too-many-sources"],
  [`${sum(`v.projected.sources.size() + ${ITEMS}`)} > ${max("too-many-sources")}`, "too-many-sources"],
  [
    `${sum("v.projected.sources.filter(s, has(s.serviceAccountToken)).size()")} > ${max("too-many-tokens")}`,
    "too-many-tokens",
  ],
  [someToken(`s.serviceAccountToken.?audience.orValue('').size() > ${max("audience-too-long")}`), "audience-too-long"],
];

/** The variable `breach`: the bound of `POD_LIMITS` that the volumes do not keep, in words; empty where they keep all. */
const BREACH: NamedExpression = {
  name: "breach",
  expression: STEPS.reduceRight(
    (otherwise, [breached, limit]) => `${breached} ? ${text(beyond(POD_LIMITS[limit]))} : ${otherwise}`,
    "''",
  ),
};

/** What {@link KEEPS_BOUNDS} and everything behind {@link withinBounds} needs. */
export const BOUNDED: readonly NamedExpression[] = [PROJECTED, BREACH];

/** Refuses a breach. */
export const KEEPS_BOUNDS: Validation = {
  expression: "variables.breach == ''",
  messageExpression: `${ABOUT_POD} + ': spec.volumes has ' + variables.breach`,
};

/** The first validation of a policy about tokens that refuses; where it only warns, the policy `bounds` has it. */
export const boundsIn = (action: "Deny" | "Warn"): readonly Validation[] => (action === "Deny" ? [KEEPS_BOUNDS] : []);

/** `expression` where the volumes keep the bounds, and `otherwise` where they do not: every validation is evaluated. */
export const withinBounds = (expression: string, otherwise: string): string =>
  `variables.breach == '' ? ${expression} : ${otherwise}`;

/** The lifetime of a token `s.serviceAccountToken`, in seconds. */
export const SECONDS = "s.serviceAccountToken.?expirationSeconds.orValue(3600)";

/** The audience of a token `s.serviceAccountToken`; empty where it is the API server's own. */
export const AUDIENCE = "s.serviceAccountToken.?audience.orValue('')";

/** Is it exactly what the ServiceAccount admission plugin adds? */
export const IS_API_SERVERS_OWN = `${AUDIENCE} == '' && ${SECONDS} == 3607 && s.serviceAccountToken.path == 'token'`;
