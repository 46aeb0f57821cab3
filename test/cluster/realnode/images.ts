/** Images for tests' pods, put together from this machine's files: there is no registry. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { build } from "esbuild";
import { sandboxImage } from "./configuration.ts";

/** How an image's containers start. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Env?: readonly string[];
}

/** What goes into an archive. */
interface Content {
  readonly reference: string;
  /** Its only layer. */
  readonly root: string;
  readonly config: ImageConfig;
}

const run = promisify(execFile);

const digestOf = async (file: string): Promise<string> => {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
};

/** Writes `archive` in the form of `docker save`. */
const writeArchive = async (archive: string, { reference, root, config }: Content): Promise<void> => {
  const folder = await mkdtemp(`${archive}-`);
  const layer = join(folder, "layer.tar");
  await run("tar", ["--create", "--file", layer, "--owner=0", "--group=0", "--numeric-owner", "-C", root, "."]);
  const image = {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config,
    rootfs: { type: "layers", diff_ids: [`sha256:${await digestOf(layer)}`] },
  };
  const manifest = [{ Config: "config.json", RepoTags: [reference], Layers: ["layer.tar"] }];
  await writeFile(join(folder, "config.json"), JSON.stringify(image));
  await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
  await run("tar", ["--create", "--file", archive, "-C", folder, "manifest.json", "config.json", "layer.tar"]);
  await rm(folder, { recursive: true });
};

const addBusybox = async (root: string, busybox: string): Promise<void> => {
  await mkdir(join(root, "bin"), { recursive: true });
  await copyFile(busybox, join(root, "bin", "busybox"));
  const { stdout } = await run(busybox, ["--list"]);
  const applets = stdout
    .trim()
    .split("\n")
    .filter((applet) => applet !== "busybox");
  await Promise.all(applets.map((applet) => symlink("busybox", join(root, "bin", applet))));
};

/** A program of this machine, at `target`, and the libraries that it is linked against, at their own paths. */
const addProgram = async (root: string, program: string, target: string): Promise<void> => {
  const { stdout } = await run("ldd", [program]);
  const libraries = [...stdout.matchAll(/(?:=> |^\s+)(\/\S+)/gmu)].map(([, path = ""]) => [path, path] as const);
  for (const [from, to] of [[program, target] as const, ...libraries]) {
    await mkdir(dirname(join(root, to)), { recursive: true });
    await copyFile(from, join(root, to));
    await chmod(join(root, to), 0o755);
  }
};

/** Makes a folder beside `archive`, fills it, and writes the archive. */
const makeImage = async (
  archive: string,
  content: Omit<Content, "root">,
  fill: (root: string) => Promise<unknown>,
): Promise<string> => {
  const root = await mkdtemp(`${archive}-root-`);
  await chmod(root, 0o755);
  await fill(root);
  await writeArchive(archive, { ...content, root });
  await rm(root, { recursive: true });
  return archive;
};

/** The image whose container holds a pod's namespaces. */
export const makeSandboxImage = (folder: string, busybox: string): Promise<string> =>
  makeImage(
    join(folder, "pause.tar"),
    { reference: sandboxImage, config: { Entrypoint: ["/bin/busybox", "sleep", "2147483647"] } },
    (root) => addBusybox(root, busybox),
  );

/** The image of tests' own pods. */
export const programsImage = "node.test/programs:1";

/** What it holds beside a shell and Node.js. */
export interface ProgramsImage {
  readonly busybox: string;
  /** The sources of ES modules, by the name in `/app` without `.mjs`; each is bundled with what it imports. */
  readonly programs: Readonly<Record<string, string>>;
  /** An authority that every program in it trusts; PEM. */
  readonly caPem: string;
}

// What is bundled may be CommonJS, which asks for `require`.
const banner = `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`;

const bundle = (source: string, outfile: string) =>
  build({
    stdin: { contents: source, resolveDir: import.meta.dirname },
    bundle: true,
    platform: "node",
    format: "esm",
    banner: { js: banner },
    outfile,
    logLevel: "silent",
  });

/** Makes the image of tests' own pods. */
export const makeProgramsImage = (folder: string, { busybox, programs, caPem }: ProgramsImage): Promise<string> => {
  const env = ["PATH=/usr/local/bin:/bin", "NODE_EXTRA_CA_CERTS=/etc/ssl/company-ca.pem", "HOME=/nonexistent"];
  const content = { reference: programsImage, config: { Env: env } };
  return makeImage(join(folder, "programs.tar"), content, async (root) => {
    await addBusybox(root, busybox);
    await addProgram(root, process.execPath, "/usr/local/bin/node");
    await Promise.all(["tmp", "app", "etc/ssl"].map((name) => mkdir(join(root, name), { recursive: true })));
    await chmod(join(root, "tmp"), 0o1777);
    await writeFile(join(root, "etc/ssl/company-ca.pem"), caPem);
    await Promise.all(
      Object.entries(programs).map(([name, source]) => bundle(source, join(root, "app", `${name}.mjs`))),
    );
  });
};
