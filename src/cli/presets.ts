/** `podpass presets`: the built-in providers. */
import { stringify } from "yaml";
import { findPreset, presetNames } from "../configuration/compile.ts";
import { presets } from "../providers/catalog.generated.ts";
import type { Preset } from "../providers/provider-spec.ts";
import { didYouMean } from "../reasons/nearest.ts";
import { quote } from "../reasons/text.ts";
import { BadInput, EXIT } from "./exit-codes.ts";
import { presetPage } from "./preset-page.ts";
import { table } from "./table.ts";
import type { Output, Terminal } from "./terminal.ts";

/** The command's options. */
export interface PresetsOptions {
  readonly name?: string | undefined;
  readonly output: "table" | "json" | "yaml";
}

// Together with the spaces between them, 100 characters.
const COLUMNS = [
  { title: "NAME", width: 24 },
  { title: "SERVICE", width: 13 },
  { title: "SUPPORT", width: 8 },
  { title: "AUDIENCE", width: 27 },
  { title: "REQUIRED", width: 20 },
];

/** `${parameter.x}` as `<x>`. */
const shortAudience = ({ token }: Preset): string => token.audience.replace(/\$\{parameter\.([^}]+)\}/g, "<$1>");

const required = ({ parameters }: Preset): string =>
  Object.entries(parameters)
    .filter(([, spec]) => spec.required === true)
    .map(([name, spec]) => (spec.scope === "platform" ? `${name} (p)` : name))
    .join("\n");

const overview = ({ colors }: Output): string => {
  const rows = presets.map((preset) => [
    preset.name,
    preset.title,
    preset.support,
    shortAudience(preset),
    required(preset),
  ]);
  return `${table(COLUMNS, rows, colors.dim)}
SUPPORT   env, env+file: an unmodified program works; code: it must ask for the identity itself
REQUIRED  on the ServiceAccount or in the configuration; (p): in the configuration only
More of one: podpass presets NAME
`;
};

const findOrExplain = (name: string): Preset => {
  const preset = findPreset(name);
  if (preset !== undefined) return preset;
  throw new BadInput(
    `there is no preset ${quote(name)};${didYouMean(name, presetNames)} allowed: ${presetNames.join(", ")}`,
  );
};

/** Runs the command; returns the exit code. */
export const showPresets = ({ name, output }: PresetsOptions, { out }: Terminal): number => {
  const one = name === undefined ? undefined : findOrExplain(name);
  const data = one ?? presets;
  if (output === "json") out.write(`${JSON.stringify(data, null, 2)}\n`);
  else if (output === "yaml") out.write(stringify(data, { lineWidth: 0 }));
  else out.write(one === undefined ? overview(out) : presetPage(one, out));
  return EXIT.done;
};
