/** The Deployment, its pods, and what keeps them alive. */
import type { Check } from "./check.ts";
import type { Facts, ReplicaState } from "./facts.ts";
import { word } from "./policy-commands.ts";
import { valueIn } from "./read.ts";
import { judgeReplicaConfigurations } from "./replica-configuration.ts";
import { selects } from "./selectors.ts";
import { counted, fail, pass, unjudged, type Verdict, warn } from "./verdict.ts";
import type { Deployment } from "./workload.ts";

const judgeReplicas = ({ namespace, name }: Facts["installation"], deployment: Deployment): Verdict => {
  const { replicas, updated, ready, isObserved } = deployment;
  const where = `Deployment ${namespace}/${name}`;
  const more = { data: { replicas, ready, updated } };
  if (replicas === 0)
    return fail(
      `${where} is scaled to 0 replicas: nothing serves`,
      `Run: kubectl scale deployment -n ${word(namespace)} ${word(name)} --replicas=2`,
      more,
    );
  if (ready === 0)
    return fail(
      `none of the ${counted(replicas, "replica")} of ${where} is ready`,
      "Look at pods-ready below, or at kubectl describe pod and kubectl logs.",
      more,
    );
  if (!isObserved || updated < replicas)
    return warn(
      `${where} is being rolled out: ${ready} of ${replicas} ready, ${updated} of ${replicas} up to date`,
      "Wait; if it stays, kubectl rollout status says why.",
      more,
    );
  if (ready < replicas)
    return warn(`${ready} of ${counted(replicas, "replica")} of ${where} are ready`, "Look at pods-ready below.", more);
  if (replicas === 1)
    return warn(`${where} has one replica: while its pod moves, nothing answers`, "Use two or more replicas.", more);
  return pass(`${ready} of ${replicas} replicas of ${where} are ready and up to date`, more);
};

const judgeDeployment = ({ deployment, installation }: Facts): Verdict => {
  const where = `Deployment ${installation.namespace}/${installation.name}`;
  if (deployment.kind === "absent")
    return fail(`${where} is not there`, "Install the chart, or name the installation with --namespace and --name.");
  return deployment.kind === "read" ? judgeReplicas(installation, deployment.value) : unjudged(where, deployment);
};

const judgeImage = ({ deployment, pods }: Facts): Verdict | undefined => {
  if (deployment.kind !== "read") return undefined;
  const { image, updated, replicas } = deployment.value;
  const data = { image };
  if (image.includes("@sha256:")) return pass(`image ${image}`, { data });
  const running = (valueIn(pods) ?? []).filter(({ isTerminating }) => !isTerminating);
  const images = new Set(running.map(({ imageId }) => imageId).filter((id) => id !== ""));
  if (images.size > 1 && updated >= replicas)
    return warn(
      `the replicas run ${images.size} different images under the name ${image}`,
      "Name a digest in the chart's values, and restart the Deployment.",
      { details: [...images], data },
    );
  const tag = /:([^:/]+)$/.exec(image)?.[1];
  if (tag !== undefined && tag !== "latest") return pass(`image ${image}`, { data });
  return warn(
    `image ${image} names no version: two nodes may run two`,
    "Name a version, or better a digest, in the chart's values.",
    { data },
  );
};

const judgeBudget = ({ deployment, budgets }: Facts): Verdict | undefined => {
  if (deployment.kind !== "read") return undefined;
  if (budgets.kind === "absent") return undefined;
  if (budgets.kind !== "read") return unjudged("the PodDisruptionBudget", budgets);
  const { podLabels, replicas } = deployment.value;
  const budget = budgets.value.find(({ selector }) => selector.length > 0 && selects(selector, podLabels));
  if (budget === undefined)
    return warn(
      "no PodDisruptionBudget covers the replicas: draining nodes may take all of them at once",
      "Set podDisruptionBudget.create in the chart's values.",
    );
  const { name, disruptionsAllowed, healthy, desired } = budget;
  const more = { data: { name, disruptionsAllowed, healthy, desired } };
  if (desired >= replicas && replicas > 0)
    return warn(
      `PodDisruptionBudget ${name} wants all ${counted(replicas, "replica")}: no node with one can be drained`,
      "Let it allow one to be away: podDisruptionBudget.maxUnavailable: 1.",
      more,
    );
  return pass(`PodDisruptionBudget ${name}: ${healthy} healthy, ${disruptionsAllowed} may be away`, more);
};

const describeState = ({ name, page }: ReplicaState): string => {
  if (page.kind === "read")
    return `${name}: ${page.value.isReady ? "ready" : page.value.lines.filter((one) => one.startsWith("[-]")).join(", ") || "not ready"}`;
  if (page.kind === "forbidden") return `${name}: not asked; these credentials may not ${page.permission}`;
  return `${name}: ${page.kind === "failed" ? page.message : "it is gone"}`;
};

/** One that starts is not ready either; while another serves that is no outage. */
const judgeNotReady = ({ states, deployment }: Facts, count: number, details: readonly string[]): Verdict => {
  const text = `${count} of ${counted(states.length, "replica")} not ready, by their own word`;
  const advice = "Mend what they name.";
  const isServed = count < states.length || (valueIn(deployment)?.ready ?? 0) > 0;
  return isServed ? warn(text, advice, { details }) : fail(text, advice, { details });
};

/** Where no replica could be asked. */
const judgeSilent = ({ states, deployment }: Facts, details: readonly string[]): Verdict => {
  const forbidden = states.flatMap(({ page }) => (page.kind === "forbidden" ? [page] : []))[0];
  if (forbidden !== undefined) return { ...unjudged("/readyz of the replicas", forbidden), details };
  if (deployment.kind === "read" && deployment.value.ready >= deployment.value.replicas)
    return pass("the API server does not reach the replicas' probes; by the kubelet's word they are ready", {
      details,
    });
  return warn(
    "no replica could be asked, and not all of them are ready",
    "Look at them with kubectl describe pod and kubectl logs.",
    { details },
  );
};

const judgeStates = (facts: Facts): Verdict | undefined => {
  const { pods, states } = facts;
  if (pods.kind === "forbidden" || pods.kind === "failed") return unjudged("the replicas' own word", pods);
  if (states.length === 0) return undefined;
  const pages = states.flatMap(({ page }) => (page.kind === "read" ? [page.value] : []));
  const details = states.map(describeState);
  const isReady = pages.filter((page) => page.isReady).length;
  const notReady = pages.length - isReady;
  if (notReady > 0) return judgeNotReady(facts, notReady, details);
  if (pages.length === 0) return judgeSilent(facts, details);
  if (pages.length < states.length)
    return warn(
      `${isReady} of ${states.length} replicas say that they are ready; the others could not be asked`,
      "Look at the replica with kubectl describe pod.",
      { details },
    );
  return pass(
    `${counted(isReady, "replica")} ${isReady === 1 ? "says" : "say"} that all conditions of /readyz are met`,
  );
};

/** The checks, in the order of the output. */
export const DEPLOYMENT_CHECKS: readonly Check[] = [
  {
    id: "deployment",
    means: "The Deployment is there, and as many replicas are ready and up to date as are wanted; two at least.",
    todo: "`kubectl describe` the pods that are not ready. With one replica every restart is an outage: use two.",
    judge: judgeDeployment,
  },
  {
    id: "image",
    means: "The image is named by a version or a digest, and all replicas run the same one.",
    todo: "Name a version in the chart's values; `latest` may be another image on each node.",
    judge: judgeImage,
  },
  {
    id: "disruption-budget",
    means: "A PodDisruptionBudget keeps voluntary disruptions from taking all replicas, and lets nodes be drained.",
    todo: "Let the chart make it, with `maxUnavailable: 1`.",
    judge: judgeBudget,
  },
  {
    id: "pods-ready",
    means:
      "Each replica's own `/readyz`, asked through the API server's proxy to pods: configuration, ServiceAccounts and certificate.",
    todo: "The line that begins with `[-]` says what is missing. The proxy needs `get pods/proxy`, and a network from the API server to the pods; where either is missing this cannot be judged from outside.",
    judge: judgeStates,
  },
  {
    id: "pods-configuration",
    means:
      "Each replica uses the configuration that is in the ConfigMap, by the digest in its `/readyz`: the kubelet brings a change to its pods within two minutes, to each at another time.",
    todo: "Wait. If it stays, the replica's log says why it does not take the configuration.",
    judge: judgeReplicaConfigurations,
  },
];
