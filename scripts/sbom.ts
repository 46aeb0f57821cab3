/** The software bill of materials of what is built: the packages in the bundle, and the Node.js that runs it. */
import { readFileSync } from "node:fs";

/** The name of the file beside the bundle; CycloneDX 1.6, JSON. */
export const SBOM_FILE = "podpass.cdx.json";

/** What was built. */
export interface Built {
  /** The project's folder, with a slash at its end. */
  readonly root: string;
  /** The folders of the packages in the bundle, relative to the project's. */
  readonly packages: readonly string[];
  /** The Node.js that runs it, without the `v`. */
  readonly nodeVersion: string;
}

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

const readJson = (path: string) => JSON.parse(readFileSync(path, "utf8"));

const purlOf = ({ name, version }: Package): string => `pkg:npm/${name.replace("@", "%40")}@${version}`;

/** The digest of the package as the registry has it, which is what `npm ci` compared. */
const hashesOf = (integrity: string) => {
  const [, digest = ""] = /^sha512-(\S+)$/.exec(integrity) ?? [];
  return [{ alg: "SHA-512", content: Buffer.from(digest, "base64").toString("hex") }];
};

const licensesOf = ({ license }: Package) => [{ expression: license }];

/** The bill, the same for the same lock file; throws where a package is not in that. */
export const softwareBillOfMaterials = ({ root, packages, nodeVersion }: Built): object => {
  const own: Package = readJson(`${root}package.json`);
  const { packages: locked } = readJson(`${root}package-lock.json`);
  const library = (folder: string) => {
    const found: Package = readJson(`${root}${folder}/package.json`);
    const integrity: unknown = locked[folder]?.integrity;
    if (typeof integrity !== "string") throw new Error(`package-lock.json has no integrity of ${folder}`);
    return {
      type: "library",
      "bom-ref": purlOf(found),
      name: found.name,
      version: found.version,
      purl: purlOf(found),
      licenses: licensesOf(found),
      hashes: hashesOf(integrity),
    };
  };
  const node = {
    type: "platform",
    "bom-ref": `pkg:generic/node@${nodeVersion}`,
    name: "node",
    version: nodeVersion,
    purl: `pkg:generic/node@${nodeVersion}`,
    cpe: `cpe:2.3:a:nodejs:node.js:${nodeVersion}:*:*:*:*:*:*:*`,
  };
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": `pkg:generic/${own.name}@${own.version}`,
        name: own.name,
        version: own.version,
        licenses: licensesOf(own),
      },
    },
    components: [node, ...packages.map(library)],
  };
};
