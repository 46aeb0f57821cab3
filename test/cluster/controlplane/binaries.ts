/**
 * The control plane's programs: taken from `KUBEBUILDER_ASSETS`, else from a cache folder outside the checkout, else
 * built once with Go into that folder.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { access, constants, mkdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { withLock } from "./lock.ts";

const packages = {
  etcd: "go.etcd.io/etcd/server/v3",
  "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
  "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
  kubectl: "k8s.io/kubernetes/cmd/kubectl",
} as const;

type Program = keyof typeof packages;

/** Where the programs are, each under its own name, or one line that says why there are none. */
export type Binaries =
  | { readonly kind: "found"; readonly version: string; readonly folder: string }
  | { readonly kind: "missing"; readonly reason: string };

type Environment = Readonly<Record<string, string | undefined>>;

/** What `findBinaries` reads and tells; the defaults are this process' own. */
export interface FindOptions {
  readonly env?: Environment;
  readonly report?: (line: string) => void;
}

const programs = Object.keys(packages) as Program[];

const lacking = async (folder: string): Promise<Program[]> => {
  const checks = programs.map((program) =>
    access(join(folder, program), constants.X_OK).then(
      () => undefined,
      () => program,
    ),
  );
  return (await Promise.all(checks)).filter((program) => program !== undefined);
};

const readModule = async (): Promise<{ version: string; goVersion: string; digest: string }> => {
  const text = await readFile(join(import.meta.dirname, "go.mod"), "utf8");
  const version = /^\s*k8s\.io\/kubernetes (v\S+)/mu.exec(text)?.[1];
  if (version === undefined) throw new Error("go.mod requires no k8s.io/kubernetes");
  const goVersion = /^go (\S+)$/mu.exec(text)?.[1] ?? "";
  return { version, goVersion, digest: createHash("sha256").update(text).digest("hex").slice(0, 12) };
};

const linkerFlags = (version: string): string => {
  const [major = "", minor = ""] = version.slice(1).split(".");
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor };
  const settings = Object.entries(values).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  return ["-s -w", ...settings].join(" ");
};

const runGo = (args: readonly string[], env: Environment): Promise<string | undefined> =>
  new Promise((resolve) => {
    const go = spawn("go", args, { cwd: import.meta.dirname, env: { ...env, CGO_ENABLED: "0" } });
    let errors = "";
    go.stdout.resume();
    go.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors = (errors + text).slice(-2000);
    });
    go.on("error", (error) => resolve(error.message));
    go.on("close", (code) => resolve(code === 0 ? undefined : errors.trim().split("\n").at(-1) || `exit code ${code}`));
  });

const build = async (target: string, version: string, options: Required<FindOptions>): Promise<string | undefined> => {
  const { env, report } = options;
  const unfinished = `${target}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  for (const [index, program] of programs.entries()) {
    report(`building ${program} for Kubernetes ${version} (${index + 1} of ${programs.length}; once, some minutes)`);
    const flags = ["-trimpath", "-ldflags", linkerFlags(version), "-o", join(unfinished, program)];
    const failure = await runGo(["build", ...flags, packages[program]], env);
    if (failure !== undefined) return `go build ${packages[program]}: ${failure}`;
  }
  await rename(unfinished, target);
  report(`built in ${target}`);
  return undefined;
};

/** Finds the control plane's programs, building them when there is no other way. Never throws for what is not there. */
export const findBinaries = async (options: FindOptions = {}): Promise<Binaries> => {
  const env = options.env ?? process.env;
  const report = options.report ?? ((line: string) => void process.stderr.write(`test cluster: ${line}\n`));
  const { version, goVersion, digest } = await readModule();
  const found = (folder: string): Binaries => ({ kind: "found", version, folder });

  const assets = env["KUBEBUILDER_ASSETS"];
  if (assets) {
    const missing = await lacking(assets);
    if (missing.length === 0) return found(assets);
    report(`KUBEBUILDER_ASSETS=${assets} lacks ${missing.join(", ")}: using the programs of ${version} instead`);
  }

  const cache = join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "podpass", "controlplane");
  const target = join(cache, `${version}-${digest}`);
  if ((await lacking(target)).length === 0) return found(target);
  const noGo = await runGo(["version"], env);
  if (noGo !== undefined) {
    const reason = `no ${programs.join(", ")}: set KUBEBUILDER_ASSETS, or install Go ${goVersion} or newer to build them (${noGo})`;
    return { kind: "missing", reason };
  }
  await mkdir(cache, { recursive: true });
  const failure = await withLock(`${target}.lock`, async () => {
    if ((await lacking(target)).length === 0) return undefined;
    await rm(target, { recursive: true, force: true });
    return build(target, version, { env, report });
  });
  return failure === undefined ? found(target) : { kind: "missing", reason: failure };
};
