/**
 * The image that the checkout's Dockerfile makes, as an archive: built once with Buildah on stand-ins for its bases, and
 * kept in a cache folder outside the checkout, under the digest of all that goes into it.
 */
import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { withLock } from "../controlplane/lock.ts";
import { BASES, makeBaseImages, NPM_CACHE } from "./base-images.ts";
import { findBuildah } from "./buildah.ts";
import { hasProgram, runCommand } from "./command.ts";

const root = join(import.meta.dirname, "../../..");

/** What the image is called once the archive is imported. */
export const IMAGE_REFERENCE = "registry.example.com/podpass:test";

/** The archive, in the form of `docker save`, or one line that says why none can be built here. */
export type FoundImage =
  | { readonly kind: "found"; readonly archive: string }
  | { readonly kind: "missing"; readonly reason: string };

const report = (line: string): void => void process.stderr.write(`test image: ${line}\n`);

/** Why no image can be built on this machine, or undefined. */
const obstacle = async (): Promise<string | undefined> => {
  if (process.getuid?.() !== 0) return "building an image needs root";
  for (const program of ["apt-get", "dpkg-deb", "npm", "unshare", "setpriv"])
    if (!(await hasProgram(program))) return `there is no ${program}`;
  return undefined;
};

/** What the image is made of; what the Dockerfile does not copy does not change it. */
const INPUTS = [
  "Dockerfile",
  ".dockerignore",
  "LICENSE",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "scripts/**/*.ts",
  "src/**/*.ts",
  "test/cluster/image/{base-images,build-image,buildah,debian-packages}.ts",
];

const digestOfInputs = async (): Promise<string> => {
  const hash = createHash("sha256").update(process.arch);
  for (const path of globSync(INPUTS, { cwd: root }).sort())
    hash.update(`${path}\0`).update(await readFile(join(root, path)));
  return hash.digest("hex").slice(0, 16);
};

const build = async (cache: string, archive: string): Promise<void> => {
  const started = performance.now();
  report("building it (a minute or two)");
  const folder = await mkdtemp(join(tmpdir(), "podpass-image-"));
  try {
    const buildah = await findBuildah(cache, join(folder, "storage"));
    await makeBaseImages(buildah, folder);
    const npmCache = (await runCommand("npm", ["config", "get", "cache"])).trim();
    await mkdir(npmCache, { recursive: true });
    const bases = [`BUILD_BASE=${BASES.build}`, `RUNTIME_BASE=${BASES.runtime}`];
    const args = [...bases, "VERSION=0.0.0-test"].flatMap((argument) => ["--build-arg", argument]);
    const volume = ["--volume", `${npmCache}:${NPM_CACHE}`];
    await buildah("build", "--quiet", "--pull-never", ...args, ...volume, "--tag", IMAGE_REFERENCE, root);
    await rm(`${archive}.unfinished`, { force: true });
    await buildah("push", "--quiet", IMAGE_REFERENCE, `docker-archive:${archive}.unfinished:${IMAGE_REFERENCE}`);
    await rename(`${archive}.unfinished`, archive);
  } finally {
    await rm(folder, { recursive: true });
  }
  report(`built in ${Math.round((performance.now() - started) / 1000)} s: ${archive}`);
};

const DAY_MS = 24 * 3_600_000;

/** Archives are large, and other checkouts have theirs here too: those go that nobody has used for a day. */
const removeUnused = async (cache: string): Promise<void> => {
  for (const name of (await readdir(cache)).filter((file) => file.endsWith(".tar"))) {
    const { mtimeMs } = await stat(join(cache, name));
    if (Date.now() - mtimeMs > DAY_MS) await rm(join(cache, name), { force: true });
  }
};

/** The archive, built where it is not there yet. Throws where the Dockerfile cannot be built, not where it cannot be tried. */
export const findImage = async (): Promise<FoundImage> => {
  const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "podpass", "image");
  const name = `podpass-${await digestOfInputs()}.tar`;
  const archive = join(cache, name);
  await mkdir(cache, { recursive: true });
  const isThere = () =>
    utimes(archive, new Date(), new Date()).then(
      () => true,
      () => false,
    );
  if (await isThere()) return { kind: "found", archive };
  const reason = await obstacle();
  if (reason !== undefined) return { kind: "missing", reason };
  await withLock(join(cache, "lock"), async () => {
    if (await isThere()) return;
    await build(cache, archive);
    await removeUnused(cache);
  });
  return { kind: "found", archive };
};

/** The path of the image as an archive in the form of `docker save`. Throws where there can be none. */
export const buildImage = async (): Promise<string> => {
  const found = await findImage();
  if (found.kind === "missing") throw new Error(`no image: ${found.reason}`);
  return found.archive;
};
