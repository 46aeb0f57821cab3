/** The configuration files of a node. */
import { addresses } from "./network.ts";
import type { FoundNodePrograms } from "./programs.ts";

/** Where the pods' addresses are from. */
const podRange = "10.1.0.0/24";

/** The image of the container that holds a pod's namespaces. */
export const sandboxImage = "node.test/pause:1";

/** containerd: nothing is pulled, and no program is installed where it looks by default. */
export const containerdConfiguration = (work: string, { folder, runc }: FoundNodePrograms): string => `version = 3
root = "${work}/containerd"
state = "/run/containerd"
[grpc]
  address = "${work}/containerd.sock"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = "${sandboxImage}"
[plugins.'io.containerd.cri.v1.runtime']
  # The sandbox that tests run in may lack the right to lower a process' score.
  restrict_oom_score_adj = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ["${folder}"]
  conf_dir = "${work}/cni"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
  BinaryName = "${runc}"
  SystemdCgroup = false
`;

/** A bridge, with routes to what is inside the network namespace and to nothing else. */
export const networkConfiguration = (): string =>
  JSON.stringify({
    cniVersion: "1.0.0",
    name: "pods",
    plugins: [
      { type: "loopback" },
      {
        type: "bridge",
        bridge: "pods0",
        isGateway: true,
        hairpinMode: true,
        ipam: {
          type: "host-local",
          ranges: [[{ subnet: podRange }]],
          routes: [addresses.service, addresses.node, ...addresses.outside].map((address) => ({
            dst: `${address}/32`,
          })),
        },
      },
    ],
  });

const nothing = "0%";

/** kubelet: images that are gone cannot be pulled again, and whoever reaches the node is in its network namespace. */
export const kubeletConfiguration = (work: string, cgroup: string): string =>
  JSON.stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    containerRuntimeEndpoint: `unix://${work}/containerd.sock`,
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: "AlwaysAllow" },
    makeIPTablesUtilChains: false,
    resolvConf: "",
    evictionHard: {
      "memory.available": nothing,
      "nodefs.available": nothing,
      "nodefs.inodesFree": nothing,
      "imagefs.available": nothing,
    },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    // Whether a node is back is told by its next word.
    nodeStatusUpdateFrequency: "1s",
    nodeStatusReportFrequency: "1s",
  });
