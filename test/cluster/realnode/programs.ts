/**
 * What a node has beside kubelet: containerd and the network plugins, built with Go, and Debian's runc and busybox,
 * unpacked. All of it is kept in the cache folder, and nothing is installed.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder, ensurePrograms, type FindOptions, readModule, withDefaults } from "../controlplane/go-build.ts";
import { ensureDebianPrograms } from "./debian.ts";

const packages = {
  containerd: "github.com/containerd/containerd/v2/cmd/containerd",
  "containerd-shim-runc-v2": "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
  ctr: "github.com/containerd/containerd/v2/cmd/ctr",
  "host-local": "github.com/containernetworking/plugins/plugins/ipam/host-local",
  bridge: "github.com/containernetworking/plugins/plugins/main/bridge",
  loopback: "github.com/containernetworking/plugins/plugins/main/loopback",
} as const;

/** Where a node's programs are, or one line that says why there can be no node here. */
export type NodePrograms =
  | { readonly kind: "found"; readonly folder: string; readonly runc: string; readonly busybox: string }
  | { readonly kind: "missing"; readonly reason: string };

/** Programs that were found. */
export type FoundNodePrograms = Extract<NodePrograms, { kind: "found" }>;

const run = promisify(execFile);

/** May this process make namespaces, mounts and control groups, as a node does? Says why not. */
const refusal = async (): Promise<string | undefined> => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "it takes root on Linux";
  const command = ["--net", "--mount", "--pid", "--fork", "--mount-proc", "true"];
  return run("unshare", command).then(
    () => undefined,
    (error: Error) => error.message.split("\n").at(-2) ?? error.message,
  );
};

/** Finds a node's programs, building and unpacking them when there is no other way. */
export const findNodePrograms = async (given: FindOptions = {}): Promise<NodePrograms> => {
  const refused = await refusal();
  if (refused !== undefined) return { kind: "missing", reason: refused };
  const options = withDefaults(given);
  const module = await readModule(join(import.meta.dirname, "programs"), "github.com/containerd/containerd/v2");
  const cache = join(cacheFolder(options.env), "node");
  const target = join(cache, `containerd-${module.version}-${module.digest}`);
  const title = `containerd ${module.version}`;
  const failure = await ensurePrograms({ module, title, packages, target }, options);
  if (failure !== undefined) return { kind: "missing", reason: failure };
  const debian = await ensureDebianPrograms(cache);
  return debian.kind === "missing" ? debian : { ...debian, folder: target };
};
