/** The Kubernetes versions that can be built: each is a folder here with a Go module that pins it. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Environment, type GoModule, readModule } from "./go-build.ts";

/** The variable that names a minor version, as `1.34`; the newest by default. */
export const versionVariable = "PODPASS_TEST_KUBERNETES";

const minor = (version: string): number => Number(version.split(".")[1]);

/** The minor versions, oldest first. */
export const kubernetesVersions = (): readonly string[] =>
  readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^1\.\d+$/u.test(entry.name))
    .map(({ name }) => name)
    .sort((a, b) => minor(a) - minor(b));

/** The folder of one minor version's module. */
export const versionFolder = (version: string): string => join(import.meta.dirname, version);

/** Reads the module of the version that `env` asks for. Throws where it is none of those that are pinned. */
export const readChosenModule = (env: Environment): Promise<GoModule> => {
  const known = kubernetesVersions();
  const chosen = env[versionVariable] || known.at(-1) || "";
  if (!known.includes(chosen)) throw new Error(`${versionVariable}=${chosen} is none of ${known.join(", ")}`);
  return readModule(versionFolder(chosen), "k8s.io/kubernetes");
};
