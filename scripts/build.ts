/**
 * Bundles the program into podpass.mjs and what its commands load of chunks/, which need Node.js and nothing else, and puts
 * three things beside it: the licences of what is in it, a bill of materials, and a compile cache with which it starts
 * faster; into dist/, or the folder that is named.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Metafile, type Plugin } from "esbuild";
import { SBOM_FILE, softwareBillOfMaterials } from "./sbom.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const folder = process.argv[2] ?? `${root}dist`;
const outfile = join(folder, "podpass.mjs");
const chunks = join(folder, "chunks");

// CommonJS dependencies call `require` for Node's own modules, which an ES module does not have.
const BANNER = [
  'import { createRequire as podpassCreateRequire } from "node:module";',
  "const require = podpassCreateRequire(import.meta.url);",
].join("\n");

/**
 * Node's own modules without an ES import, which reads every export of a module to copy it: of `process` that is the
 * opening of standard input, of others what Node.js loads only when it is asked for.
 */
const builtinsAsTheyAre: Plugin = {
  name: "builtins-as-they-are",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === "import-statement" ? { path, namespace: "builtin" } : { path, external: true },
    );
    onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

/**
 * What dependencies load as they start, for the sake of something that Podpass never asks of them or seldom: it is
 * loaded when the first member of it is used. Each takes 4 to 7 ms of the start.
 */
const USED_SELDOM = new Map([
  // Commands as programs of their own.
  ["node:child_process", "commander"],
  // Traces as exemplars.
  ["@opentelemetry/api", "prom-client"],
  ["./lib/pushgateway", "prom-client"],
]);

const loadedWhenUsed: Plugin = {
  name: "loaded-when-used",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /.*/ }, ({ path, importer, namespace, resolveDir }) => {
      const user = USED_SELDOM.get(path);
      if (user === undefined || namespace === "used-seldom") return undefined;
      if (!importer.includes(`/node_modules/${user}/`)) return undefined;
      return { path, namespace: "used-seldom", pluginData: { resolveDir } };
    });
    onLoad({ filter: /.*/, namespace: "used-seldom" }, ({ path, pluginData }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, name) => require(${JSON.stringify(path)})[name] });`,
      resolveDir: pluginData.resolveDir,
    }));
  },
};

/**
 * RE2, which takes 3 ms to load: for the first value that a pattern is asked about, and without a federated ServiceAccount
 * or a pattern in the configuration there is none.
 */
const RE2_WHEN_USED = `export const RE2JS = new Proxy({}, { get: (_, name) => require("re2js").RE2JS[name] });`;

const re2WhenUsed: Plugin = {
  name: "re2-when-used",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^re2js$/ }, ({ path, kind }) =>
      kind === "import-statement" ? { path, namespace: "re2-when-used" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "re2-when-used" }, () => ({ contents: RE2_WHEN_USED, resolveDir: root }));
  },
};

/** The folders of the packages that are in the bundle, relative to the project's. */
const packageFolders = (metafile: Metafile): readonly string[] => {
  const folders = Object.keys(metafile.inputs).flatMap(
    (file) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? [],
  );
  return [...new Set(folders)].sort();
};

const licenceOf = (folder: string): string => {
  const { name, version, license } = JSON.parse(readFileSync(`${root}${folder}/package.json`, "utf8"));
  const texts = readdirSync(`${root}${folder}`)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .map((file) => readFileSync(`${root}${folder}/${file}`, "utf8").trim());
  return [`${name} ${version} (${license})`, ...texts].join("\n\n");
};

// Those of another build have other names.
rmSync(chunks, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: { podpass: `${root}src/main.ts` },
  outdir: folder,
  outExtension: { ".js": ".mjs" },
  absWorkingDir: root,
  bundle: true,
  // V8 keeps the source of what is loaded: the server has no need of what other commands are made of.
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  // For kubeconfig files only, and larger than all the rest.
  external: ["@kubernetes/client-node"],
  plugins: [loadedWhenUsed, re2WhenUsed, builtinsAsTheyAre],
  format: "esm",
  platform: "node",
  target: "node26",
  minifySyntax: true,
  minifyWhitespace: true,
  // Names stay, so that stack traces and error names say something.
  minifyIdentifiers: false,
  legalComments: "external",
  banner: { js: BANNER },
  logLevel: "warning",
  metafile: true,
});

const written = Object.keys(metafile.outputs).map((path) => resolve(root, path));
const isLegal = (path: string): boolean => path.endsWith(".LEGAL.txt");
const sources = written.filter((path) => !isLegal(path));

// V8 holds a source in one byte a character where all of it is ASCII, else in two.
for (const path of sources) {
  const foreign = /[^\0-\x7f]/u.exec(readFileSync(path, "utf8"));
  if (foreign !== null)
    throw new Error(`${path} has ${JSON.stringify(foreign[0])} at ${foreign.index}: write it as an escape`);
}

// One file of licence comments for all.
const legal = written.filter(isLegal).sort();
const comments = legal.map((path) =>
  readFileSync(path, "utf8")
    .replace(/^Bundled license information:/, "")
    .trim(),
);
for (const path of legal) rmSync(path);
writeFileSync(`${outfile}.LEGAL.txt`, `Bundled license information:\n\n${comments.filter(Boolean).join("\n\n")}\n`);

const packages = packageFolders(metafile);
const rule = `\n\n${"-".repeat(80)}\n\n`;
writeFileSync(join(folder, "THIRD-PARTY-LICENSES.txt"), `${packages.map(licenceOf).join(rule)}\n`);
const bill = softwareBillOfMaterials({ root, packages, nodeVersion: process.versions.node });
writeFileSync(join(folder, SBOM_FILE), `${JSON.stringify(bill, null, 2)}\n`);

// https://nodejs.org/api/module.html#module-compile-cache: written as a run ends, and passed over by any other Node.js.
const cache = join(folder, "compile-cache");
rmSync(cache, { recursive: true, force: true });
const env = { ...process.env, NODE_COMPILE_CACHE: cache, NODE_COMPILE_CACHE_PORTABLE: "1" };
// This run loads nearly all of the server before it says that it has no certificate.
spawnSync(process.execPath, [outfile, "serve"], { env });
// What no run has compiled is at least read once: the rest of the server, and the other commands.
const imports = sources.filter((path) => path !== resolve(outfile)).map((path) => pathToFileURL(path).href);
const importAll = imports.map((url) => `await import(${JSON.stringify(url)});`).join("\n");
spawnSync(process.execPath, ["--input-type=module", "--eval", importAll], { env });
const cached = readdirSync(cache, { recursive: true, withFileTypes: true });
if (!cached.some((entry) => entry.isFile())) throw new Error(`Node.js wrote no compile cache into ${cache}`);
// Node.js keeps it to the user who built it; in an image another one runs it.
chmodSync(cache, 0o755);
for (const entry of cached) chmodSync(join(entry.parentPath, entry.name), entry.isFile() ? 0o644 : 0o755);

const bundle = Buffer.concat(sources.map((path) => readFileSync(path)));
const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000)} kB`;
const size = `${kilobytes(bundle.length)}, ${kilobytes(gzipSync(bundle).length)} gzipped`;
console.log(`podpass.mjs: ${size}, with ${packages.length} packages in it`);
