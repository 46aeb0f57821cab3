/** The projected ServiceAccount tokens of a pod, in CEL. */
import type { NamedExpression } from "./objects.ts";

/** Does the volume `v` have projected sources? `sources` is null where a pod says `projected: {}`. */
const HAS_SOURCES = "has(v.projected) && v.projected.sources != null";

/** Match condition: a pod without a projected volume is not looked at. */
export const HAS_PROJECTED: NamedExpression = {
  name: "has-projected-volumes",
  expression: `object.spec.?volumes.orValue([]).exists(v, ${HAS_SOURCES})`,
};

/** The variable `projected`: the pod's volumes with projected sources. */
export const PROJECTED: NamedExpression = {
  name: "projected",
  expression: `object.spec.?volumes.orValue([]).filter(v, ${HAS_SOURCES})`,
};

/** Does a token projection of {@link PROJECTED} fulfil `condition`, an expression over the source `s`? */
export const someToken = (condition: string): string =>
  `variables.projected.exists(v, v.projected.sources.exists(s, has(s.serviceAccountToken) && ${condition}))`;
