/**
 * `npm run -s release -- VERSION --image … --charts … --source … --build-base …@sha256:… --runtime-base …@sha256:…`:
 * writes the version into every file that names it, commits and tags that, and prints the script that publishes it.
 * With `--dry-run` it changes nothing, and says what it would do. What it says goes to standard error.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { changelog, chartValues, chartYaml, manifests, packageJson, packageLock } from "./release/files.ts";
import { type Publication, publishingScript } from "./release/steps.ts";
import { isNewer, readVersion } from "./release/version.ts";

/** Something that whoever runs this has to put right. */
class Refusal extends Error {}

const say = (line: string): void => void process.stderr.write(`release: ${line}\n`);

const git = (...args: readonly string[]): string => execFileSync("git", args, { encoding: "utf8" }).trim();

const OPTIONS = {
  image: { type: "string" },
  charts: { type: "string" },
  source: { type: "string" },
  "build-base": { type: "string" },
  "runtime-base": { type: "string" },
  "dry-run": { type: "boolean", default: false },
} as const;

const readArguments = (): { readonly publication: Publication; readonly isDryRun: boolean } => {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const given = (name: Exclude<keyof typeof OPTIONS, "dry-run">): string => {
    const value = values[name];
    if (!value) throw new Refusal(`--${name} is missing`);
    return value;
  };
  const byDigest = (name: "build-base" | "runtime-base"): string => {
    const value = given(name);
    if (!/@sha256:[0-9a-f]{64}$/.test(value)) throw new Refusal(`--${name} is not NAME@sha256:DIGEST: ${value}`);
    return value;
  };
  const [version = "", ...more] = positionals;
  if (version === "" || more.length > 0) throw new Refusal("one VERSION is needed, such as 1.2.3");
  const publication: Publication = {
    version,
    image: given("image"),
    charts: given("charts"),
    source: given("source"),
    buildBase: byDigest("build-base"),
    runtimeBase: byDigest("runtime-base"),
  };
  return { publication, isDryRun: values["dry-run"] };
};

const checkVersion = (text: string): void => {
  const version = readVersion(text);
  if (version === undefined) throw new Refusal(`${text} is not a version like 1.2.3 or 1.2.3-rc.1`);
  const { version: currentText } = JSON.parse(readFileSync("package.json", "utf8"));
  const current = readVersion(currentText);
  if (current === undefined || !isNewer(version, current))
    throw new Refusal(`${text} is not newer than ${currentText}, which package.json has`);
};

const checkCheckout = (version: string): void => {
  const changed = git("status", "--porcelain");
  if (changed !== "") throw new Refusal(`the checkout has changes:\n${changed}`);
  if (git("tag", "--list", `v${version}`) !== "") throw new Refusal(`there is a tag v${version} already`);
};

const editOrRefuse = (path: string, edit: () => string): string => {
  try {
    return edit();
  } catch (error) {
    throw new Refusal(`${path}: ${(error as Error).message}`);
  }
};

const newFiles = ({ version, image }: Publication): ReadonlyMap<string, string> => {
  const day = new Date().toISOString().slice(0, 10);
  const edits = {
    "package.json": packageJson,
    "package-lock.json": packageLock,
    "charts/podpass/Chart.yaml": chartYaml,
    "charts/podpass/values.yaml": (text: string) => chartValues(text, image),
    "deploy/podpass.yaml": (text: string) => manifests(text, version, image),
    "CHANGELOG.md": (text: string) => changelog(text, version, day),
  };
  const files = new Map<string, string>();
  for (const [path, edit] of Object.entries(edits))
    if (existsSync(path))
      files.set(
        path,
        editOrRefuse(path, () => edit(readFileSync(path, "utf8"), version)),
      );
    else say(`there is no ${path}`);
  return files;
};

const release = (): void => {
  const { publication, isDryRun } = readArguments();
  const { version } = publication;
  checkVersion(version);
  checkCheckout(version);
  const files = newFiles(publication);
  for (const path of files.keys()) say(`${isDryRun ? "would write" : "writes"} ${path}`);
  say(`${isDryRun ? "would commit" : "commits"} that, with the tag v${version}`);
  if (!isDryRun) {
    for (const [path, text] of files) writeFileSync(path, text);
    // What is generated may name the version too.
    execFileSync("npm", ["run", "--silent", "--if-present", "generate"], { stdio: ["ignore", 2, 2] });
    git("commit", "--quiet", "--all", "--message", `Release ${version}`);
    git("tag", "--annotate", "--message", `Podpass ${version}`, `v${version}`);
  }
  say("what is left is the script on standard output, after `git push --follow-tags`");
  process.stdout.write(publishingScript(publication));
};

try {
  release();
} catch (error) {
  const isExpected = error instanceof Refusal || (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS");
  if (!isExpected) throw error;
  say((error as Error).message);
  process.exitCode = 1;
}
