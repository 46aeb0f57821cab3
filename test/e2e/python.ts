/** Python with the vendors' SDKs, in a virtual environment of the user's cache folder that is made once. */
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

/** What the environment has, as pip names it. */
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
];
const run = promisify(execFile);

const describeError = (error: unknown): string =>
  (error instanceof Error ? error.message.split("\n")[0] : undefined) ?? String(error);

const makeEnvironment = async (cache: string, folder: string): Promise<void> => {
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(join(cache, "python-unfinished-"));
  try {
    await run("python3", ["-m", "venv", unfinished], { timeout: 60_000 });
    const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages];
    await run(join(unfinished, "bin", "python"), install, { timeout: 600_000 });
    // Another run may have been faster.
    await rename(unfinished, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
};

// Where the packages keep the authorities that they trust; an image with a private authority replaces these files.
const findCaFiles = async (folder: string): Promise<readonly string[]> => {
  const [version = ""] = await readdir(join(folder, "lib"));
  const sitePackages = join(folder, "lib", version, "site-packages");
  return [join(sitePackages, "certifi", "cacert.pem"), join(sitePackages, "botocore", "cacert.pem")];
};

/** Finds or makes the environment. Says loudly why it cannot; with `CI=true` that is an error where Python is there. */
export const findPython = async (): Promise<Python> => {
  const hasPython = await run("python3", ["--version"]).then(
    () => true,
    () => false,
  );
  if (!hasPython) return missing("there is no python3");
  const { stdout: version } = await run("python3", ["--version"]);
  const hash = createHash("sha256")
    .update(JSON.stringify([version, packages]))
    .digest("hex")
    .slice(0, 16);
  const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "podpass");
  const folder = join(cache, `python-${hash}`);
  try {
    if (!existsSync(folder)) await makeEnvironment(cache, folder);
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    return missing(describeError(error));
  }
  return { kind: "ready", command: join(folder, "bin", "python"), caFiles: await findCaFiles(folder) };
};

const missing = (reason: string): Python => {
  process.stderr.write(`\nTESTS OF PYTHON SDKS ARE SKIPPED: ${reason}\n\n`);
  return { kind: "missing", reason };
};
