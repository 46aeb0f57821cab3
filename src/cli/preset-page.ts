/** One preset, with all that a person needs to use it. */
import { stringify } from "yaml";
import { mountPathsOf } from "../configuration/mount-paths.ts";
import { showFile } from "../providers/file-template.ts";
import type { FileSpec, ParameterSpec, Preset, Support, When } from "../providers/provider-spec.ts";
import { showCondition } from "../providers/when.ts";
import { table, wrap } from "./table.ts";
import type { Output } from "./terminal.ts";

const SUPPORT: Record<Support, string> = {
  env: "an unmodified program works, by its environment alone",
  "env+file": "an unmodified program works, by its environment and a file",
  code: "the program must ask for the federated identity itself",
};

const indent = (text: string, spaces = 2): string =>
  text
    .trimEnd()
    .split("\n")
    .map((one) => (one === "" ? "" : " ".repeat(spaces) + one))
    .join("\n");

const bullets = (sentences: readonly string[], width: number): string =>
  sentences.map((sentence) => `- ${wrap(sentence, width - 4).join("\n  ")}`).join("\n");

const mountPath = ({ name, token, files = [] }: Preset): string =>
  // Files that depend on a parameter are there for few.
  mountPathsOf(
    { name, mountPath: token.mountPath },
    files.some(({ when }) => when === undefined),
  )[0];

const seenWith = ({ seenWith: seen = [] }: Preset): string =>
  seen.length === 0
    ? "no SDK yet"
    : seen.map(({ registry, sdk, version }) => `${sdk} ${version} (${registry})`).join(", ");

const facts = (preset: Preset): string => {
  const { token } = preset;
  const { default: usual, min, max } = token.expirationSeconds ?? {};
  return [
    `support   ${preset.support}: ${SUPPORT[preset.support]}`,
    `audience  ${token.audience}`,
    `lifetime  ${usual} s (${min} to ${max})`,
    `token     ${mountPath(preset)}/${token.fileName ?? "token"}`,
    `seen with ${seenWith(preset)}`,
    `vendor    ${preset.documentation}`,
  ].join("\n");
};

const isPlatform = (spec: ParameterSpec): boolean => spec.scope === "platform";

const parameters = ({ parameters: all }: Preset, { colors, columns }: Output): string => {
  const rows = Object.entries(all).map(([name, spec]) => [
    name,
    spec.required === true ? "yes" : "no",
    isPlatform(spec) ? "platform only" : "ServiceAccount, platform",
    spec.default === undefined ? (spec.description ?? "") : `${spec.description ?? ""} Default: ${spec.default}`,
  ]);
  const longest = Math.max(...rows.map(([name]) => name?.length ?? 0), 9);
  const meaning = Math.max(30, columns - 2 - longest - 40);
  const titles = [{ title: "NAME" }, { title: "REQUIRED" }, { title: "SET BY" }, { title: "MEANING", width: meaning }];
  return table(titles, rows, colors.dim);
};

const environment = ({ env }: Preset): string => {
  const longest = Math.max(...Object.keys(env).map((name) => name.length));
  return Object.entries(env)
    .map(([name, variable]) => {
      const { value, when = {} } = typeof variable === "string" ? { value: variable } : variable;
      return `${name.padEnd(longest)}  ${value}${where(when)}`;
    })
    .join("\n");
};

const where = (when: When): string => {
  const conditions = Object.entries(when).map(([name, one]) => `${name} ${showCondition(one, (value) => value)}`);
  return conditions.length === 0 ? "" : ` (where ${conditions.join(" and ")})`;
};

const file = (spec: FileSpec): string => `${spec.name}${where(spec.when ?? {})}\n${indent(showFile(spec))}`;

/** The annotations to copy; those that are not required are comments. */
const serviceAccount = ({ name, parameters: all }: Preset): string => {
  const lines = Object.entries(all)
    .filter(([, spec]) => !isPlatform(spec))
    .map(([key, spec]) => {
      const pair = stringify({ [`${name}.podpass.dev/${key}`]: spec.example ?? "" }, { lineWidth: 0 }).trimEnd();
      return `    ${spec.required === true ? "" : "# "}${pair}`;
    });
  const head = ["apiVersion: v1", "kind: ServiceAccount", "metadata:", "  name: my-api", "  annotations:"];
  return [...head, `    podpass.dev/federate: ${name}`, ...lines].join("\n");
};

/** What has to be in the configuration first; undefined where nothing has to. */
const configuration = ({ name, parameters: all }: Preset): string | undefined => {
  const needed = Object.entries(all).filter(
    ([, spec]) => isPlatform(spec) && spec.required === true && spec.default === undefined,
  );
  if (needed.length === 0) return undefined;
  const values = Object.fromEntries(needed.map(([key, { example }]) => [key, { value: example ?? "" }]));
  const head = { apiVersion: "podpass.dev/v1alpha1", kind: "Configuration" };
  return stringify({ ...head, providers: { [name]: { preset: name, parameters: values } } }, { lineWidth: 0 });
};

const names = (variables: readonly string[]): string => variables.join(", ");

/** The page. */
export const presetPage = (preset: Preset, output: Output): string => {
  const { files = [], notes = [], unverified = [], conflictsWith = [] } = preset;
  const { shadowedBy = [], shadowedEvenEmpty = [], displaces = [], chosenBy = [], expectsOneOf = [] } = preset;
  const { bold } = output.colors;
  const width = Math.min(output.columns, 100);
  const needed = configuration(preset);
  const sections: readonly (readonly [title: string, body: string])[] = [
    ["PARAMETERS", parameters(preset, { ...output, columns: width })],
    ["ENVIRONMENT", environment(preset)],
    ["FILES", files.map(file).join("\n")],
    ["USED INSTEAD OF THE IDENTITY, WHERE SET", names(shadowedBy)],
    ["OF THESE, EVEN WHERE EMPTY", names(shadowedEvenEmpty)],
    ["NOT USED ANY MORE BESIDE IT", names(displaces)],
    ["CHOSEN BY", names(chosenBy)],
    ["NEEDED, WHOEVER SETS IT", expectsOneOf.map((group) => group.join(" or ")).join("\n")],
    ["NOT IN ONE CONTAINER WITH", conflictsWith.join(", ")],
    ["NOTES", bullets(notes, width)],
    ["NOT VERIFIED", bullets(unverified, width)],
    ["IN THE CONFIGURATION, FIRST", needed ?? ""],
    ["ON THE SERVICEACCOUNT", serviceAccount(preset)],
  ];
  const head = `${bold(preset.name)}  ${preset.title}. ${preset.description}\n\n${facts(preset)}\n`;
  const shown = sections.filter(([, body]) => body !== "").map(([title, body]) => `${bold(title)}\n${indent(body)}\n`);
  return [head, ...shown].join("\n");
};
