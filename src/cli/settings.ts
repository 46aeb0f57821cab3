/** The configuration that a command works with: `--config`, or the one among the manifests, or the defaults. */

import { compileConfiguration } from "../configuration/compile.ts";
import { type LocatedNotice, type LocatedProblem, readConfiguration, showProblems } from "../configuration/read.ts";
import type { Settings } from "../configuration/settings.ts";
import { isConfiguration, textInPlace } from "../manifests/configuration-document.ts";
import { line } from "../reasons/text.ts";
import { readConfigurationText } from "./configuration-text.ts";
import { BadInput } from "./exit-codes.ts";
import type { Sources } from "./sources.ts";
import type { Terminal } from "./terminal.ts";

/** A configuration that was read. */
export type FoundConfiguration =
  | {
      readonly ok: true;
      readonly file: string;
      readonly settings: Settings;
      readonly notices: readonly LocatedNotice[];
      /** What was written, as plain values; undefined where there is none. */
      readonly written?: unknown;
      /** There is none, and every preset goes under its own name. */
      readonly isDefault?: true;
    }
  | { readonly ok: false; readonly file: string; readonly problems: readonly LocatedProblem[] };

/** Finds and reads the configuration. */
export const findConfiguration = async (
  configPath: string | undefined,
  sources: Sources,
  terminal: Terminal,
): Promise<FoundConfiguration> => {
  if (configPath !== undefined) {
    if (configPath === "-" && sources.files.some(({ name }) => name === "(stdin)"))
      throw new BadInput("-f - --config -: standard input can be read only once");
    const { name, text } = await readConfigurationText(configPath, terminal);
    return { file: name, ...readConfiguration(text) };
  }
  const [found, second] = sources.files.flatMap((file) => file.documents.filter(isConfiguration));
  if (found !== undefined && second !== undefined) {
    const place = second.file.placeOf(second.parsed.range[0]);
    throw new BadInput(
      line(
        `${place.file}:${place.line}:${place.column}: a second configuration (the first is in ${found.file.name}); say which one with --config`,
        1000,
      ),
    );
  }
  if (found !== undefined) return { file: found.file.name, ...readConfiguration(textInPlace(found)) };
  const compiled = compileConfiguration({});
  if (!compiled.ok) throw new Error("the presets are not a valid configuration");
  return { ok: true, file: "(no configuration)", settings: compiled.settings, notices: [], isDefault: true };
};

/** The settings, or {@link BadInput} with all that is wrong with the configuration. */
export const requireSettings = (found: FoundConfiguration): Settings => {
  if (found.ok) return found.settings;
  throw new BadInput(`the configuration cannot be used:\n${showProblems(found.file, found.problems)}`);
};

/** The settings that the same configuration has with `nativeAnnotations` so. */
export const withNativeAnnotations = (found: FoundConfiguration, nativeAnnotations: boolean): FoundConfiguration => {
  if (!found.ok) return found;
  const { file, written } = found;
  const base = written ?? { apiVersion: "podpass.dev/v1alpha1", kind: "Configuration" };
  return { file, ...readConfiguration(JSON.stringify({ ...base, nativeAnnotations })) };
};
