/**
 * The demo on a real control plane: etcd, kube-apiserver and kube-controller-manager. A Deployment that knows nothing of
 * Podpass runs before and after its ServiceAccount is annotated, and its SDK logs in at a stand-in of the provider that
 * verifies the token against the cluster's own keys.
 */
import pc from "picocolors";
import { type Cluster, startCluster } from "../../test/cluster/cluster.ts";
import { findBinaries } from "../../test/cluster/controlplane/binaries.ts";
import { canServeVendorHosts } from "../../test/cluster/relying-parties/vendor-hosts.ts";
import { createAccount, podpassUser } from "../../test/e2e/accounts.ts";
import { startPodpass } from "../../test/e2e/podpass.ts";
import { annotationsOf, type SdkCase, sdkCases } from "../../test/e2e/sdk-cases.ts";
import { runTrusted, runUnknown } from "./program.ts";
import { print, showAnnotations, showDiff, showDim } from "./show.ts";
import { deploymentOf, namespace, nextPod, readable } from "./workload.ts";

const titles: Readonly<Record<string, string>> = {
  aws: "A Deployment that reads from Amazon S3 with @aws-sdk/client-s3",
  anthropic: "A Deployment that talks to Claude with @anthropic-ai/sdk",
};

const step = (text: string): void => print(`\n${pc.bold(text)}`);

const runScene = async (cluster: Cluster, name: string, sdkCase: SdkCase): Promise<boolean> => {
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await createAccount(cluster, { name, namespace });
  const deployment = deploymentOf(name);
  await cluster.must("POST", `/apis/apps/v1/namespaces/${namespace}/deployments`, deployment);
  showDim(deployment);
  const before = await nextPod(cluster, name);
  step(`Its program, in the pod ${before.metadata.name} that kube-controller-manager made of it:`);
  showDim(sdkCase.program.source);
  await runUnknown({ cluster, pod: before, sdkCase });

  step(`kubectl annotate serviceaccount ${name} -n ${namespace} …`);
  const annotations = annotationsOf(sdkCase);
  showAnnotations(Object.entries(annotations));
  await cluster.must("PATCH", `${accounts}/${name}`, { metadata: { annotations } });
  step(`kubectl delete pod ${before.metadata.name}, and the same Deployment makes a new one. What is new in it:`);
  const after = await nextPod(cluster, name, before);
  showDiff(readable(before), readable(after));
  step(`The same program in ${after.metadata.name}:`);
  return runTrusted({ cluster, pod: after, sdkCase }, `${namespace}/${name}`);
};

const runScenes = async (cluster: Cluster): Promise<boolean> => {
  const metadata = { name: namespace };
  await cluster.must("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata });
  const podpass = await startPodpass(cluster);
  print(`${pc.bold("Podpass")} reads its ServiceAccounts and is called by it for every new pod.`);
  let isGood = true;
  for (const [index, [name, title]] of Object.entries(titles).entries()) {
    step(`${index + 1}. ${title}`);
    isGood = (await runScene(cluster, name, sdkCases[name] as SdkCase)) && isGood;
  }
  const requests = await podpass.metric("podpass_admission_requests_total");
  print(`\nPodpass decided on ${requests} pods.`);
  return isGood;
};

/** Runs the demo; resolves to the exit code. */
export const demoOnCluster = async (): Promise<number> => {
  const binaries = await findBinaries({ report: (line) => print(pc.dim(line)) });
  const problem =
    binaries.kind === "missing"
      ? binaries.reason
      : canServeVendorHosts()
        ? undefined
        : "the providers' stand-ins listen on port 443, which this user may not";
  if (binaries.kind === "missing" || problem !== undefined) {
    process.stderr.write(`There is no demo on a cluster here: ${problem}\n`);
    return 1;
  }
  const started = performance.now();
  const cluster = await startCluster({ binaries, controllerManager: true, users: [podpassUser] });
  try {
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    print(`${pc.bold(`Kubernetes ${binaries.version}`)} runs on ${pc.cyan(cluster.url)}, after ${seconds} s.`);
    return (await runScenes(cluster)) ? 0 : 1;
  } finally {
    await cluster.stop();
    print("The cluster is gone, and everything in it.");
  }
};
