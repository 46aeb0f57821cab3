/**
 * The control plane's programs: taken from `KUBEBUILDER_ASSETS`, else from a cache folder outside the checkout, else
 * built once with Go into that folder.
 */
import { join } from "node:path";
import { cacheFolder, ensurePrograms, type FindOptions, lacking, withDefaults } from "./go-build.ts";
import { readChosenModule } from "./versions.ts";

const controlPlane = {
  etcd: "go.etcd.io/etcd/server/v3",
  "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
  "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
  kubectl: "k8s.io/kubernetes/cmd/kubectl",
} as const;

const ofNodes = {
  kubelet: "k8s.io/kubernetes/cmd/kubelet",
  "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
} as const;

/** Where the programs are, each under its own name, or one line that says why there are none. */
export type Binaries =
  | { readonly kind: "found"; readonly version: string; readonly folder: string }
  | { readonly kind: "missing"; readonly reason: string };

/** What to find; `withNode` adds kubelet and kube-scheduler. */
export interface BinariesOptions extends FindOptions {
  readonly withNode?: boolean;
}

const linkerFlags = (version: string): string => {
  const [major = "", minor = ""] = version.slice(1).split(".");
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor };
  return Object.entries(values)
    .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
    .join(" ");
};

/** Finds the control plane's programs, building them when there is no other way. Never throws for what is not there. */
export const findBinaries = async ({ withNode = false, ...given }: BinariesOptions = {}): Promise<Binaries> => {
  const options = withDefaults(given);
  const { env, report } = options;
  const module = await readChosenModule(env);
  const { version, digest } = module;
  const packages = { ...controlPlane, ...(withNode ? ofNodes : {}) };
  const programs = Object.keys(packages);
  const found = (folder: string): Binaries => ({ kind: "found", version, folder });

  const assets = env["KUBEBUILDER_ASSETS"];
  if (assets) {
    const missing = await lacking(assets, programs);
    if (missing.length === 0) return found(assets);
    report(`KUBEBUILDER_ASSETS=${assets} lacks ${missing.join(", ")}: using the programs of ${version} instead`);
  }
  const target = join(cacheFolder(env), "controlplane", `${version}-${digest}`);
  const title = `Kubernetes ${version}`;
  const failure = await ensurePrograms({ module, title, packages, linkerFlags: linkerFlags(version), target }, options);
  if (failure === undefined) return found(target);
  const reason = failure.startsWith("install")
    ? `no ${programs.join(", ")}: set KUBEBUILDER_ASSETS, or ${failure}`
    : failure;
  return { kind: "missing", reason };
};
