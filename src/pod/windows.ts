/** Which pods are for Windows nodes. */
import type { Container, NodeRequirement, Pod } from "./pod.ts";

/** The labels that a node has its system in; the second one until Kubernetes 1.14, and still written by hand. */
const OS_LABELS = ["kubernetes.io/os", "beta.kubernetes.io/os"] as const;

const isHostProcess = ({ securityContext }: Pick<Container, "securityContext">): boolean =>
  securityContext?.windowsOptions?.hostProcess === true;

/** Nodes are for Linux or for Windows, so what is not for Linux is for Windows. */
const isWindowsOnly = ({ key, operator, values }: NodeRequirement): boolean => {
  if (!OS_LABELS.some((label) => label === key)) return false;
  if (operator === "NotIn") return values?.includes("linux") ?? false;
  return operator === "In" && values?.length === 1 && values[0] === "windows";
};

/** Does the required node affinity leave no nodes but Windows nodes? Of its terms one is enough, so each has to. */
const requiresWindows = ({ spec }: Pod): boolean => {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms.length > 0 && terms.every(({ matchExpressions }) => matchExpressions?.some(isWindowsOnly) ?? false);
};

/**
 * Does it run on Windows nodes? `spec.os.name` decides; else what leaves it no other nodes: the node selector, the
 * required node affinity, or that it asks for a Windows host process.
 */
export const isWindowsPod = (pod: Pod): boolean => {
  const { os, nodeSelector, containers, initContainers } = pod.spec;
  if (os?.name) return os.name === "windows";
  return (
    OS_LABELS.some((label) => nodeSelector?.[label] === "windows") ||
    requiresWindows(pod) ||
    isHostProcess(pod.spec) ||
    containers.some(isHostProcess) ||
    (initContainers ?? []).some(isHostProcess)
  );
};
