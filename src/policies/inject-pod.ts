/** The pod for the policy `inject`: is it plain, so that its injection depends on nothing that it says? */
import type { Settings } from "../configuration/settings.ts";
import { KUBERNETES_DEFAULT_SECONDS } from "../pod/volumes.ts";
import { POD_LIMITS } from "../reasons/limits.ts";
import { isUnderPrefix } from "./annotations.ts";
import { all, matchesOneOf, text, texts } from "./cel.ts";
import { nativePodKeys } from "./implied.ts";
import type { NamedExpression } from "./objects.ts";

const ANNOTATIONS = "object.metadata.?annotations.orValue({})";
const VOLUMES = "object.spec.?volumes.orValue([])";
const INIT = "object.spec.?initContainers.orValue([])";
const OS_LABELS = texts(["kubernetes.io/os", "beta.kubernetes.io/os"]);
const SOURCES = "has(v.projected) && v.projected.sources != null";

/** Everything that could make it a pod for Windows, and a little more; see `src/pod/windows.ts`. */
const MAY_BE_WINDOWS = [
  "object.spec.?os.?name.orValue('') == 'windows'",
  `object.spec.?nodeSelector.orValue({}).exists(k, k in ${OS_LABELS} && object.spec.nodeSelector[k] == 'windows')`,
  `object.spec.?affinity.?nodeAffinity.?requiredDuringSchedulingIgnoredDuringExecution.?nodeSelectorTerms.orValue([]).exists(t, t.?matchExpressions.orValue([]).exists(r, r.key in ${OS_LABELS} && (r.operator == 'NotIn' ? 'linux' : 'windows') in r.?values.orValue([])))`,
  "has(object.spec.securityContext) && has(object.spec.securityContext.windowsOptions)",
  ...["object.spec.containers", INIT].map(
    (list) => `${list}.exists(c, has(c.securityContext) && has(c.securityContext.windowsOptions))`,
  ),
];

/**
 * Match conditions: cheap, and of the pod alone. Of its own keys under the prefix those pass that Podpass writes, which a
 * copied pod carries, and blank ones, which say nothing.
 */
export const plainPodConditions = (settings: Settings): readonly NamedExpression[] => {
  const prefix = settings.annotationPrefix;
  const files = [...settings.providers.values()].flatMap((one) => one.files.map((file) => file.annotation));
  const ours = texts([`${prefix}/injected`, ...files]);
  const blank = `k in ${ours} || object.metadata.annotations[k].trim() == ''`;
  const vendors = nativePodKeys(settings);
  const isNotOurs = `!${isUnderPrefix("k", settings)}`;
  const isNoQuestion = vendors.length === 0 ? isNotOurs : `(${isNotOurs} && !(k in ${texts(vendors)}))`;
  return [
    {
      name: "not-a-mirror-pod",
      expression: `!('kubernetes.io/config.mirror' in ${ANNOTATIONS})`,
    },
    {
      name: "asks-for-nothing",
      expression: `${ANNOTATIONS}.all(k, ${isNoQuestion} || ${blank}) && ${ANNOTATIONS}.map(k, k).filter(k, ${isUnderPrefix("k", settings)}).size() <= ${POD_LIMITS["too-many-keys"].max}`,
    },
    {
      name: "not-for-windows",
      expression: `object.spec.?os.?name.orValue('') == 'linux' || !(${MAY_BE_WINDOWS.join(" || ")})`,
    },
  ];
};

const items = (kind: string): string => `s.?${kind}.?items.orValue([]).size()`;

/** Is there room under every bound of `POD_LIMITS`, also for what is added? */
const BOUNDED = all([
  `${VOLUMES}.size() <= 900 && object.spec.containers.size() + ${INIT}.size() <= ${POD_LIMITS["too-many-containers"].max}`,
  "variables.sources.size() <= 4000",
  `variables.sources.map(s, 1 + ${items("configMap")} + ${items("secret")} + ${items("downwardAPI")}).sum() <= 4000`,
  `variables.tokens.size() <= 60 && variables.tokens.all(t, t.?audience.orValue('').size() <= 1024 && t.path.size() <= 4096)`,
  `variables.groups.map(g, g.map(c, c.?env.orValue([]).size() + variables.env.size()).sum()).sum() <= ${POD_LIMITS["too-many-variables"].max}`,
  `variables.groups.map(g, g.map(c, c.?volumeMounts.orValue([]).size() + c.?volumeDevices.orValue([]).size() + variables.wanted.size()).sum()).sum() <= ${POD_LIMITS["too-many-mounts"].max}`,
]);

/** No token of the pod is one that the policy would change, refuse or warn of. */
const tokensAllowed = ({ policy }: Settings): string => {
  const { lifetime, audiences } = policy;
  const seconds = `t.?expirationSeconds.orValue(${KUBERNETES_DEFAULT_SECONDS})`;
  const audience = "t.?audience.orValue('')";
  const conditions: string[] = [];
  if (lifetime !== undefined)
    conditions.push(
      `(${audience} == '' && ${seconds} == 3607 && t.path == 'token') || (${seconds} >= ${lifetime.min} && ${seconds} <= ${lifetime.max})`,
    );
  if (audiences !== undefined)
    conditions.push(
      `${audience} == '' || variables.wanted.exists(p, variables.audience[p] == ${audience}) || ${matchesOneOf(audience, audiences.allow)}`,
    );
  return conditions.length === 0 ? "true" : `variables.tokens.all(t, ${all(conditions)})`;
};

/** What the volume `v` of the provider `p` is where it is ours, and complete. */
const IS_OUR_VOLUME = [
  `v.name == variables.volume[p] && ${SOURCES}`,
  "v.projected.sources.size() == (variables.filesOf[p].size() == 0 ? 1 : 2)",
  "has(v.projected.sources[0].serviceAccountToken)",
  "v.projected.sources[0].serviceAccountToken.?audience.orValue('') == variables.audience[p]",
  "v.projected.sources[0].serviceAccountToken.path == variables.fileName[p]",
  `v.projected.sources[0].serviceAccountToken.?expirationSeconds.orValue(${KUBERNETES_DEFAULT_SECONDS}) == variables.seconds[p]`,
  "v.projected.?defaultMode.orValue(420) == variables.mode[?p].orValue(420)",
  "(variables.filesOf[p].size() == 0 || (has(v.projected.sources[1].downwardAPI) && v.projected.sources[1].downwardAPI.?items.orValue([]).map(i, i.path + ' ' + i.?fieldRef.?fieldPath.orValue('')) == variables.filesOf[p].map(f, f[0] + ' metadata.annotations[\\'' + f[1] + '\\']')))",
].join(" && ");

const NAMES_OF_OURS = "variables.ours.map(p, variables.volume[p])";

/** No volume is in the way: none of our names that is not ours, and no token of ours elsewhere, which would be adopted. */
const VOLUMES_FREE = `${VOLUMES}.all(v, v.name in ${NAMES_OF_OURS} || (!variables.wanted.exists(p, v.name == variables.volume[p]) && !(${SOURCES} && v.projected.sources.exists(s, has(s.serviceAccountToken) && variables.wanted.exists(p, variables.audience[p] == s.serviceAccountToken.?audience.orValue(''))))))`;

/** As `isNormalPath` and `normalisePath` of `src/pod/paths.ts`; a path that is written otherwise is left to the webhook. */
const clear = (list: string, path: string): string =>
  `${list}.all(m, ${path}.size() <= 4096 && !${path}.matches(${text("^[^/]|//|/\\.{1,2}(?:/|$)|/$")})) && ${list}.map(m, (${path}.startsWith('/run/') || ${path} == '/run' ? '/var' : '') + ${path} + '/').all(m, !variables.reach.exists(q, q.startsWith(m) || m.startsWith(q)))`;

/** The container `c` has nothing where an identity goes. */
const IS_BARE = [
  "!c.?env.orValue([]).exists(e, e.name in variables.isTaken)",
  clear("c.?volumeMounts.orValue([])", "m.mountPath"),
  clear("c.?volumeDevices.orValue([])", "m.devicePath"),
].join(" && ");

/** The container `c` has all identities, as an earlier round left it. */
const IS_FULL = [
  "variables.wanted.all(p, c.?volumeMounts.orValue([]).exists(m, m.name == variables.volume[p] && m.mountPath == variables.mountPath[p] && m.?subPath.orValue('') == '' && m.?subPathExpr.orValue('') == ''))",
  "c.?env.orValue([]).filter(e, e.name in variables.isTaken).size() == variables.env.size()",
  "variables.env.all(n, c.?env.orValue([]).exists(e, e.name == n[0] && e.?value.orValue('') == n[1]))",
].join(" && ");

/** Does the container `c` have a volume of ours? */
const IS_SERVED = `c.?volumeMounts.orValue([]).exists(m, m.name in variables.volumesOfOurs)`;

/** What the text `value` takes in JSON, in bytes; it has no control characters, of which JSON would make more. */
const jsonBytes = (value: string): string => `bytes(${value}.replace('\\\\', '\\\\\\\\').replace('"', '\\\\"')).size()`;

/** The patch in bytes, and a little more; the numbers are what surrounds names, values and paths. */
const PATCH_BYTES = [
  `variables.files.map(f, ${jsonBytes("f[2]")} + 1000).sum()`,
  `variables.wanted.map(p, ${jsonBytes("variables.audience[p]")} + 600).sum()`,
  `(object.spec.containers.size() + ${INIT}.size()) * (150 + variables.env.map(e, ${jsonBytes("(e[0] + e[1])")} + 90).sum() + variables.wanted.map(p, ${jsonBytes("(variables.mountPath[p] + variables.volume[p])")} + 115).sum())`,
].join(" + ");

const ANNOTATION_BYTES = `${ANNOTATIONS}.map(k, bytes(k).size() + bytes(object.metadata.annotations[k]).size()).sum() + variables.files.map(f, bytes(f[1] + f[2]).size()).sum() + variables.mark.map(m, bytes(m).size()).sum() + 300`;

/** The variables of the pod; see {@link accountVariables} for those before them. */
export const podVariables = (settings: Settings): readonly NamedExpression[] => {
  const variable = (name: string, expression: string): NamedExpression => ({ name, expression });
  const own = "variables.isPlainAccount && variables.isBounded";
  return [
    variable("mark", "[variables.wanted.join(',')]"),
    variable("groups", `[object.spec.containers, ${INIT}]`),
    variable("sources", `${VOLUMES}.filter(v, ${SOURCES}).map(v, v.projected.sources).flatten()`),
    variable("tokens", "variables.sources.filter(s, has(s.serviceAccountToken)).map(s, s.serviceAccountToken)"),
    variable("isBounded", BOUNDED),
    variable("ours", `variables.wanted.filter(p, ${VOLUMES}.exists(v, ${IS_OUR_VOLUME}))`),
    variable("volumesOfOurs", NAMES_OF_OURS),
    // Each expression has a budget of its own, and a pod may have a thousand containers.
    variable("areContainersPlain", `variables.groups.all(g, g.all(c, ${IS_SERVED} ? ${IS_FULL} : ${IS_BARE}))`),
    variable("bare", `variables.groups.map(g, lists.range(g.size()).filter(i, [g[i]].all(c, !${IS_SERVED})))`),
    variable(
      "isPlain",
      all([
        own,
        tokensAllowed(settings),
        VOLUMES_FREE,
        "variables.areContainersPlain",
        // Where nothing is added, the webhook has a look at what the mark says.
        "variables.bare.exists(list, list.size() > 0)",
        `${ANNOTATION_BYTES} <= ${POD_LIMITS["annotations-too-large"].max}`,
        `${PATCH_BYTES} <= ${POD_LIMITS["patch-too-large"].max}`,
      ]),
    ),
  ];
};
