/** Python with packages, in virtual environments of the user's cache folder that are made once. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** A Python that has the packages, or why there is none. */
export type Python =
  | { readonly kind: "ready"; readonly command: string; readonly caFiles: readonly string[] }
  | { readonly kind: "missing"; readonly reason: string };

/** The vendors' SDKs, as pip names them. */
export const packages: readonly string[] = [
  "boto3==1.44.5",
  "google-auth==2.62.2",
  "requests==2.34.2",
  "anthropic==2.12.0",
  "litellm==1.110.2",
  "huaweicloudsdkcore==3.1.219",
  "huaweicloudsdksts==3.1.219",
  "volcenginesdk-core==5.0.54",
  "volcenginesdk-sts==5.0.54",
  "tencentcloud-sdk-python-common==3.1.195",
  "snowflake-connector-python==5.2.0",
  "databricks-sdk==0.162.0",
  "alibabacloud_credentials==1.0.12",
  "alibabacloud_sts20150401==1.2.0",
  "nebius==0.6.29",
  "wandb==0.31.0",
  "kubernetes==37.0.1",
];
const run = promisify(execFile);

const describeError = (error: unknown): string =>
  (error instanceof Error ? error.message.split("\n")[0] : undefined) ?? String(error);

/** What an environment is for. */
export interface Wanted {
  /** For people, in capitals. */
  readonly title: string;
  /** As pip names them. */
  readonly packages: readonly string[];
  /** Packages that are installed without what they depend on. */
  readonly alone?: readonly string[];
}

const makeEnvironment = async (cache: string, folder: string, { packages, alone = [] }: Wanted): Promise<void> => {
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(join(cache, "python-unfinished-"));
  try {
    await run("python3", ["-m", "venv", unfinished], { timeout: 60_000 });
    const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    const pip = (...words: readonly string[]) =>
      run(join(unfinished, "bin", "python"), [...install, ...words], { timeout: 600_000 });
    if (alone.length > 0) await pip("--no-deps", ...alone);
    await pip(...packages);
    // Another run may have been faster.
    await rename(unfinished, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
};

// Where the packages find the authorities that they trust; an image with a private authority replaces these files.
const findCaFiles = async (folder: string): Promise<readonly string[]> => {
  const [version = ""] = await readdir(join(folder, "lib"));
  const sitePackages = join(folder, "lib", version, "site-packages");
  const inPackages = ["certifi", "botocore"].map((name) => join(sitePackages, name, "cacert.pem"));
  // The system's own, which gRPC is given by the SDK of Nebius.
  return [...inPackages, "/etc/ssl/certs/ca-certificates.crt"];
};

const SDKS: Wanted = { title: "PYTHON SDKS", packages };

/** Finds or makes the environment. Says loudly why it cannot; with `CI=true` that is an error. */
export const findPython = async (wanted: Wanted = SDKS): Promise<Python> => {
  const version = await run("python3", ["--version"]).then(
    ({ stdout }) => stdout,
    () => undefined,
  );
  if (version === undefined) return missing(wanted, new Error("there is no python3"));
  const { packages, alone = [] } = wanted;
  const hash = createHash("sha256")
    .update(JSON.stringify([version, packages, ...alone]))
    .digest("hex")
    .slice(0, 16);
  const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "podpass");
  const folder = join(cache, `python-${hash}`);
  try {
    if (!existsSync(folder)) await makeEnvironment(cache, folder, wanted);
  } catch (error) {
    return missing(wanted, error);
  }
  return { kind: "ready", command: join(folder, "bin", "python"), caFiles: await findCaFiles(folder) };
};

const missing = ({ title }: Wanted, error: unknown): Python => {
  if (process.env["CI"] === "true") throw error;
  const reason = describeError(error);
  process.stderr.write(`\nTESTS OF ${title} ARE SKIPPED: ${reason}\n\n`);
  return { kind: "missing", reason };
};
