/** `podpass policies`: what the API server enforces by itself, rendered from a configuration. */
import { stringify } from "yaml";
import { compileConfiguration } from "../configuration/compile.ts";
import { readConfiguration, showProblems } from "../configuration/read.ts";
import type { Settings } from "../configuration/settings.ts";
import type { Installation } from "../policies/installation.ts";
import type { PolicyObject } from "../policies/objects.ts";
import { type RenderedPolicies, renderPolicies } from "../policies/render.ts";
import { renderUnion } from "../policies/render-union.ts";
import { line, quote } from "../reasons/text.ts";
import { configurationDigest } from "./configuration-digest.ts";
import { readConfigurationText } from "./configuration-text.ts";
import { BadInput, EXIT } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

/** The command's options. */
export interface PoliciesOptions {
  readonly config?: string;
  readonly unionWith?: string;
  /** What the names of all objects begin with. */
  readonly release: string;
  /** Podpass' own, which is exempt. */
  readonly namespace: string;
  /** Kubernetes 1.`kubernetes`. */
  readonly kubernetes: number;
  readonly mode: Installation["mode"];
  readonly output: "yaml" | "json";
}

interface Configuration {
  readonly settings: Settings;
  readonly digest: string;
}

const open = async (path: string, { namespace }: PoliciesOptions, terminal: Terminal): Promise<Configuration> => {
  const { name, text } = await readConfigurationText(path, terminal);
  const read = readConfiguration(text, { ownNamespace: namespace });
  if (!read.ok) throw new BadInput(`the configuration cannot be used:\n${showProblems(name, read.problems)}`);
  return { settings: read.settings, digest: configurationDigest(read.written) };
};

const presetsOnly = (namespace: string): Configuration => {
  const compiled = compileConfiguration({}, namespace);
  if (!compiled.ok) throw new Error("the presets are not a valid configuration");
  return { settings: compiled.settings, digest: configurationDigest({}) };
};

const rendered = async (options: PoliciesOptions, terminal: Terminal): Promise<RenderedPolicies> => {
  const { config, unionWith, release: name, kubernetes: minor, mode, namespace } = options;
  if (config === "-" && unionWith === "-")
    throw new BadInput("--config - --union-with -: standard input can be read only once");
  const later = config === undefined ? presetsOnly(namespace) : await open(config, options, terminal);
  const installation = { name, minor, mode, digest: later.digest };
  if (unionWith === undefined) return renderPolicies(later.settings, installation);
  const earlier = await open(unionWith, options, terminal);
  const prefixes = [earlier, later].map(({ settings }) => quote(settings.annotationPrefix, 100));
  if (prefixes[0] !== prefixes[1])
    throw new BadInput(
      `--union-with: the annotation prefixes are ${prefixes.join(" and ")}; a union is of one prefix: with another one every policy and every annotation has another name, so delete the old policies, roll out the configuration, and apply the new ones`,
    );
  return renderUnion(earlier.settings, later.settings, { ...installation, unionWith: earlier.digest });
};

/** `objects` as documents, each line break of which is one of YAML: no expression is folded. */
export const policiesYaml = (objects: readonly PolicyObject[]): string =>
  objects
    .map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" }))
    .join("---\n");

const policiesJson = (objects: readonly PolicyObject[]): string =>
  `${JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }, null, 2)}\n`;

/** Of an object's name in Kubernetes. */
const MAX_NAME = 253;

const checkNames = (objects: readonly PolicyObject[]): void => {
  const long = objects.map(({ metadata }) => metadata.name).find(({ length }) => length > MAX_NAME);
  if (long !== undefined)
    throw new BadInput(
      `the release and annotationPrefix make the name ${quote(long, 100)} of ${long.length} characters; allowed: ${MAX_NAME}; shorten one of them`,
    );
};

/** Runs the command; returns the exit code. */
export const showPolicies = async (options: PoliciesOptions, terminal: Terminal): Promise<number> => {
  const { objects, notExpressed } = await rendered(options, terminal);
  checkNames(objects);
  terminal.out.write(options.output === "json" ? policiesJson(objects) : policiesYaml(objects));
  for (const { policy, text } of notExpressed)
    terminal.err.write(`${terminal.err.colors.yellow("not expressed:")} ${line(`${policy}: ${text}`, 1000)}\n`);
  return EXIT.done;
};
