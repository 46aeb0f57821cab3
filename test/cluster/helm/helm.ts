/** Helm: taken from `PODPASS_TEST_HELM`, else from the cache folder, else built once with Go. */
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder, ensurePrograms, type FindOptions, readModule, withDefaults } from "../controlplane/go-build.ts";

/** Where Helm is, or one line that says why there is none. */
export type FoundHelm =
  | { readonly kind: "found"; readonly path: string }
  | { readonly kind: "missing"; readonly reason: string };

/** Finds Helm, building it when there is no other way. Never throws for what is not there. */
export const findHelm = async (given: FindOptions = {}): Promise<FoundHelm> => {
  const options = withDefaults(given);
  const told = options.env["PODPASS_TEST_HELM"];
  if (told) return { kind: "found", path: told };
  const module = await readModule(import.meta.dirname, "helm.sh/helm/v4");
  const target = join(cacheFolder(options.env), "helm", `${module.version}-${module.digest}`);
  const packages = { helm: "helm.sh/helm/v4/cmd/helm" };
  const failure = await ensurePrograms({ module, title: `Helm ${module.version}`, packages, target }, options);
  return failure === undefined ? { kind: "found", path: join(target, "helm") } : { kind: "missing", reason: failure };
};

/** How a command of Helm ended. */
export interface HelmResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

// Nothing of whoever runs it: no plugins, no repositories, no cluster unless one is named.
const home = join(tmpdir(), "podpass-helm-home");
const environment = {
  PATH: process.env["PATH"],
  KUBECONFIG: "/dev/null",
  HOME: home,
  HELM_CACHE_HOME: home,
  HELM_CONFIG_HOME: home,
  HELM_DATA_HOME: home,
};

/** Runs a command of Helm; `input` is its standard input, for `--values=-`. */
export const runHelm = (path: string, args: readonly string[], input = ""): Promise<HelmResult> =>
  new Promise((resolve, reject) => {
    const helm = spawn(path, args, { env: environment });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      helm[name].setEncoding("utf8").on("data", (text: string) => {
        output[name] += text;
      });
    helm.on("error", reject);
    helm.on("close", (code) => resolve({ code, ...output }));
    helm.stdin.on("error", () => undefined);
    helm.stdin.end(input);
  });
