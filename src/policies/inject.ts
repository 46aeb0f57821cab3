/**
 * The policy `inject`: while the webhook is down, the API server itself serves the plain case, exactly as the webhook would
 * have. One policy for all providers, since two could keep neither their order nor a mark of all or nothing. Of what the
 * webhook does in the plain case only its warnings are lost: keys that nothing reads, variables that shadow or displace an
 * identity or are missing, an `envFrom` that is hidden, providers that get in each other's way, annotations that are
 * overwritten. None of them changes the patch.
 */
import type { Settings } from "../configuration/settings.ts";
import { step } from "../injection/patch.ts";
import { ACCOUNT_KIND, OWN_ACCOUNT } from "./account.ts";
import { text } from "./cel.ts";
import { accountVariables } from "./inject-account.ts";
import { plainPodConditions, podVariables } from "./inject-pod.ts";
import { type ExpressedProvider, expressProvider, type Unserved } from "./inject-provider.ts";
import { federatedLabel, MUTATING_SINCE, type PolicyInput } from "./installation.ts";
import type { Drafted, NotExpressed, PolicyDraft } from "./objects.ts";
import { constraints, scopeConditions } from "./scope.ts";

/** An object of etcd has 1.5 MiB at most; this leaves room for the fields that the API server adds. */
const MAX_SIZE = 1024 * 1024;

/** The providers of `settings` by whether the API server serves them. */
export interface ServedProviders {
  readonly served: readonly ExpressedProvider[];
  readonly unserved: readonly Unserved[];
}

/** Which providers of `settings` the API server serves in an outage, and why not the others. */
export const servedProviders = (settings: Settings): ServedProviders => {
  const all = [...settings.providers.values()].map((provider, index) => expressProvider(settings, provider, index));
  return {
    served: all.filter((one): one is ExpressedProvider => !("why" in one)),
    unserved: all.filter((one): one is Unserved => "why" in one),
  };
};

const add = (path: string, value: string): string => `JSONPatch{op: 'add', path: ${path}, value: ${value}}`;
const made = (member: string, path: string, value: string): string => `(has(${member}) ? [] : [${add(path, value)}])`;

const annotationOps = ({ annotationPrefix }: Settings): string => {
  const mark = `${annotationPrefix}/injected`;
  const key = (name: string) => `'/metadata/annotations/' + ${name}.replace('~', '~0').replace('/', '~1')`;
  const differs = (name: string, value: string) => `object.metadata.?annotations[?${name}] != optional.of(${value})`;
  return [
    made("object.metadata.annotations", "'/metadata/annotations'", "{}"),
    `variables.files.filter(f, ${differs("f[1]", "f[2]")}).map(f, ${add(key("f[1]"), "f[2]")})`,
    `variables.mark.filter(m, ${differs(text(mark), "m")}).map(m, ${add(text(`/metadata/annotations/${step(mark)}`), "m")})`,
  ].join(" + ");
};

const VOLUME = "Object.spec.volumes";
const SOURCE = `${VOLUME}.projected.sources`;

const volumeOps = (): string => {
  const token = `${SOURCE}{serviceAccountToken: ${SOURCE}.serviceAccountToken{audience: variables.audience[p], expirationSeconds: variables.seconds[p], path: variables.fileName[p]}}`;
  const item = `${SOURCE}.downwardAPI.items{path: f[0], fieldRef: ${SOURCE}.downwardAPI.items.fieldRef{apiVersion: 'v1', fieldPath: 'metadata.annotations[\\'' + f[1] + '\\']'}}`;
  const files = `(variables.filesOf[p].size() == 0 ? [] : [${SOURCE}{downwardAPI: ${SOURCE}.downwardAPI{items: variables.filesOf[p].map(f, ${item})}}])`;
  const volume = `${VOLUME}{name: variables.volume[p], projected: ${VOLUME}.projected{sources: [${token}] + ${files}, ?defaultMode: variables.mode[?p]}}`;
  return `${made("object.spec.volumes", "'/spec/volumes'", "[]")} + variables.wanted.filter(p, !(p in variables.ours)).map(p, ${add("'/spec/volumes/-'", volume)})`;
};

const MOUNT = "Object.spec.containers.volumeMounts";

/** The operations for the containers of one list; each puts its variables in front, the last one first. */
const containerOps = (index: number, path: string): string => {
  const at = `'${path}/' + string(i) + `;
  const container = `variables.groups[${index}][i]`;
  const env = `variables.backwards.map(e, ${add(`${at}'/env/0'`, "Object.spec.containers.env{name: e[0], value: e[1]}")})`;
  const noEnv = `(has(${container}.env) || variables.env.size() == 0 ? [] : [${add(`${at}'/env'`, "[]")}])`;
  const mounts = `variables.wanted.map(p, ${add(`${at}'/volumeMounts/-'`, `${MOUNT}{name: variables.volume[p], mountPath: variables.mountPath[p], readOnly: true}`)})`;
  const noMounts = made(`${container}.volumeMounts`, `${at}'/volumeMounts'`, "[]");
  return `variables.bare[${index}].map(i, ${noEnv} + ${env} + ${noMounts} + ${mounts}).flatten()`;
};

const patch = (settings: Settings): string =>
  `!variables.isPlain ? [] : ${[
    annotationOps(settings),
    volumeOps(),
    containerOps(0, "/spec/containers"),
    containerOps(1, "/spec/initContainers"),
  ].join(" + ")}`;

const draft = (settings: Settings, served: readonly ExpressedProvider[]): PolicyDraft => ({
  kind: "mutating",
  name: "inject",
  reason: "Plain pods of federated ServiceAccounts get their identities while the webhook is down.",
  accounts: { matchLabels: { [federatedLabel(settings)]: "true" } },
  spec: {
    // What is not served, the policy `identity` refuses, with a sentence.
    failurePolicy: "Ignore",
    paramKind: ACCOUNT_KIND,
    matchConstraints: constraints(settings, ["CREATE"], ["pods"]),
    matchConditions: [OWN_ACCOUNT, ...scopeConditions(settings), ...plainPodConditions(settings)],
    variables: [
      ...accountVariables(settings, served),
      { name: "backwards", expression: "variables.env.reverse()" },
      ...podVariables(settings),
    ],
    patch: patch(settings),
  },
});

const notExpressed = (sentence: string): NotExpressed => ({ policy: "inject", text: sentence });

/** Drafts it. Always in label mode: given every ServiceAccount of the namespace, each would cost 340 µs a pod. */
export const injectPolicy = ({ settings, installation, webhookOnly }: PolicyInput): Drafted => {
  if (installation.minor < MUTATING_SINCE)
    return notExpressed(
      `MutatingAdmissionPolicy is in Kubernetes from 1.${MUTATING_SINCE} on; in an outage no pod gets an identity`,
    );
  const unsaid = webhookOnly.filter(({ pods }) => pods !== "none").map(({ written }) => written);
  if (unsaid.length > 0)
    return notExpressed(
      `in an outage no pod gets an identity: it may break ${unsaid.join(", ")}, which only the webhook judges`,
    );
  const { served } = servedProviders(settings);
  if (served.length === 0) return notExpressed("no provider of the configuration can be served in an outage");
  const drafted = draft(settings, served);
  const { length } = JSON.stringify(drafted);
  if (length > MAX_SIZE)
    return notExpressed(
      `the configuration's ${served.length} providers make a policy of ${length} characters; an object of the API server has at most ${MAX_SIZE}`,
    );
  return drafted;
};

/** The providers that it does not serve; a pod of an account that names one of them is left alone as a whole. */
export const unservedProviders = ({ settings, installation }: PolicyInput): readonly NotExpressed[] =>
  installation.minor < MUTATING_SINCE
    ? []
    : servedProviders(settings).unserved.map(({ provider, why }) =>
        notExpressed(`provider ${provider.name} is not served in an outage: ${why}`),
      );
