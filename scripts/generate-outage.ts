/** The table of `docs/enforcement.md` that says which presets are served in an outage. */
import { compileConfiguration } from "../src/configuration/compile.ts";
import type { ConfigurationFile } from "../src/configuration/schema.ts";
import { servedInOutage } from "../src/policies/outage.ts";
import type { Preset } from "../src/providers/provider-spec.ts";
import { code, codes, table } from "./markdown.ts";

/** Every preset, with its own example for what only the platform may set and must. */
const everyPreset = (presets: readonly Preset[]): ConfigurationFile["providers"] =>
  Object.fromEntries(
    presets.map(({ name, parameters }) => {
      const needed = Object.entries(parameters).filter(([, { scope, required }]) => scope === "platform" && required);
      const values = needed.map(([key, { example = "" }]) => [key, { value: example }] as const);
      return [name, { preset: name, parameters: Object.fromEntries(values) }] as const;
    }),
  );

/** The parts of the page, by the names of their markers. */
export const outageTables = (presets: readonly Preset[]): ReadonlyMap<string, string> => {
  const compiled = compileConfiguration({ providers: everyPreset(presets) });
  if (!compiled.ok) throw new Error(compiled.problems.map(({ message }) => message).join("\n"));
  const rows = servedInOutage(compiled.settings).map(({ provider, why, notBeside }) => [
    code(provider),
    why === undefined ? "yes" : `no: ${why}`,
    codes(notBeside),
  ]);
  return new Map([["served in an outage", table(["Preset", "Served", "Not together with"], rows)]]);
};
