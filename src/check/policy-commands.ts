/** Commands for people, which do what a check advises: to be copied, so that they are whole. */
import { MUTATING_SINCE } from "../policies/installation.ts";
import type { AccountName } from "./accounts.ts";
import type { Facts } from "./facts.ts";
import type { Policies } from "./policies.ts";
import { valueIn } from "./read.ts";
import type { StoredPolicy } from "./stored-policy.ts";

const FILE = "policies.yaml";

/** `text` as one word of a shell. */
export const word = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

const renderCommand = ({ installation, configuration }: Facts, { installation: { mode, minor } }: Policies): string => {
  const { namespace, name } = installation;
  const source = valueIn(configuration)?.source ?? { kind: "none" };
  const options = [
    ...(source.kind === "none" ? [] : ["--config", source.kind === "file" ? word(source.path) : "-"]),
    `--release ${word(name)} --namespace ${word(namespace)} --kubernetes 1.${minor}`,
    ...(mode === "label" ? ["--mode label"] : []),
  ];
  const render = `podpass policies ${options.join(" ")} > ${FILE}`;
  return source.kind === "configMap"
    ? `kubectl -n ${word(namespace)} get configmap ${word(source.name)} -o yaml | ${render}`
    : render;
};

/** What writes the policies of the configuration, by Helm or without it; in the mode of `policies`. */
export const installCommands = (facts: Facts, policies: Policies): string => {
  const { namespace, name } = facts.installation;
  const release = valueIn(facts.deployment)?.podLabels.get("app.kubernetes.io/instance") ?? name;
  const helm = `helm upgrade ${word(release)} charts/podpass -n ${word(namespace)} --reuse-values --set-file policies.rendered=${FILE}`;
  return `${renderCommand(facts, policies)} && ${helm} (without Helm, as the second: kubectl apply --server-side -f ${FILE})`;
};

/** The same as a piece of advice. */
export const installAdvice = (facts: Facts, policies: Policies): string => `Run: ${installCommands(facts, policies)}`;

/** `policies` as they would be in another mode. */
export const inMode = (policies: Policies, mode: Policies["installation"]["mode"]): Policies => ({
  ...policies,
  installation: { ...policies.installation, mode },
});

/** What takes policies away, bindings first. */
export const deleteAdvice = (policies: readonly StoredPolicy[]): string => {
  const inOrder = [...policies].sort((one, other) => other.kind.length - one.kind.length);
  return `Run: kubectl delete ${inOrder.map(({ kind, name }) => word(`${kind.toLowerCase()}/${name}`)).join(" ")}`;
};

/** Where MutatingAdmissionPolicy is, label mode can be kept. */
export const canLabel = ({ installation: { minor } }: Policies): boolean => minor >= MUTATING_SINCE;

/** Gives one ServiceAccount the label. */
export const labelCommand = ({ namespace, name }: AccountName, label: string): string =>
  `kubectl label serviceaccount -n ${word(namespace)} ${word(name)} ${label}=true --overwrite`;

/** Gives all of them the label. */
export const labelAllCommand = (label: string, federate: string): string =>
  `kubectl get serviceaccounts -A -l '${label}!=true' -o json | jq -r '.items[] | select(.metadata.annotations["${federate}"] // "" | test("[^\\\\s,]")) | "kubectl label serviceaccount -n \\(.metadata.namespace) \\(.metadata.name) ${label}=true --overwrite"' | sh`;
