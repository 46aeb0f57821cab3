/**
 * Stand-ins for the two images that the Dockerfile builds on, for where no registry can be reached. The one has what the
 * C library's packages of Debian have and no more; the other has Node.js, npm and a shell besides.
 */
import {
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Buildah } from "./buildah.ts";
import { runCommand } from "./command.ts";
import { unpackPackages } from "./debian-packages.ts";

/** The images' names. */
export const BASES = { build: "localhost/podpass-build-base", runtime: "localhost/podpass-runtime-base" } as const;

/** Where the build stage finds the machine's cache of npm. */
export const NPM_CACHE = "/npm-cache";

const C_LIBRARY = ["libc6", "libstdc++6", "libgcc-s1"];

const PASSWD = `root:x:0:0:root:/root:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
`;

const node = join(import.meta.dirname, "../../../node_modules/node/bin/node");

const exists = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Newer Debians have everything below /usr, and the links to it in another package. */
const linkMergedFolders = (root: string): void => {
  for (const folder of ["bin", "lib", "lib64", "sbin"])
    if (existsSync(join(root, "usr", folder)) && !exists(join(root, folder)))
      symlinkSync(`usr/${folder}`, join(root, folder));
};

const write = (root: string, path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

const link = (root: string, path: string, target: string): void => {
  if (exists(join(root, path))) return;
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
};

const makeRuntime = async (root: string): Promise<void> => {
  await unpackPackages(C_LIBRARY, root);
  linkMergedFolders(root);
  write(root, "etc/passwd", PASSWD);
};

const addShell = async (root: string): Promise<void> => {
  const [busybox = ""] = ["bin/busybox", "usr/bin/busybox"].filter((path) => existsSync(join(root, path)));
  const applets = await runCommand(join(root, busybox), ["--list-full"]);
  for (const applet of applets.trim().split("\n")) link(root, applet, `/${busybox}`);
};

/** The settings that say where packages come from. */
const npmSettings = async (root: string): Promise<string> => {
  const settings = JSON.parse(await runCommand("npm", ["config", "list", "--json"]));
  const lines = [`cache=${NPM_CACHE}`, "prefer-offline=true", "update-notifier=false"];
  for (const name of ["registry", "proxy", "https-proxy", "noproxy", "strict-ssl"])
    if (settings[name] !== null && settings[name] !== undefined) lines.push(`${name}=${settings[name]}`);
  if (typeof settings.cafile === "string") {
    write(root, "etc/ssl/npm.crt", "");
    copyFileSync(settings.cafile, join(root, "etc/ssl/npm.crt"));
    lines.push("cafile=/etc/ssl/npm.crt");
  }
  return `${lines.join("\n")}\n`;
};

const addNpm = async (root: string): Promise<void> => {
  const program = realpathSync((await runCommand("which", ["npm"])).trim());
  cpSync(dirname(dirname(program)), join(root, "usr/local/lib/node_modules/npm"), { recursive: true });
  link(root, "usr/local/bin/npm", "../lib/node_modules/npm/bin/npm-cli.js");
  write(root, "usr/local/etc/npmrc", await npmSettings(root));
};

const addNode = (root: string): void => {
  mkdirSync(join(root, "usr/local/bin"), { recursive: true });
  copyFileSync(node, join(root, "usr/local/bin/node"));
};

const makeBuild = async (root: string): Promise<void> => {
  await unpackPackages([...C_LIBRARY, "libatomic1", "busybox-static"], root);
  linkMergedFolders(root);
  await addShell(root);
  addNode(root);
  await addNpm(root);
};

const CONTAINERFILE = `FROM scratch
COPY root/ /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
`;

/** Makes both images, in `folder`. Throws where Debian's packages cannot be downloaded. */
export const makeBaseImages = async (buildah: Buildah, folder: string): Promise<void> => {
  for (const [name, make] of [["runtime", makeRuntime] as const, ["build", makeBuild] as const]) {
    const context = join(folder, name);
    mkdirSync(join(context, "root/tmp"), { recursive: true });
    await make(join(context, "root"));
    write(context, "Containerfile", CONTAINERFILE);
    await buildah("build", "--quiet", "--tag", BASES[name], "--file", join(context, "Containerfile"), context);
  }
};
