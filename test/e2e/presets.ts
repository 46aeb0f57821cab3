/** Every preset in use, with its own examples for values. */
import { presets } from "../../src/providers/catalog.generated.ts";
import type { ParameterSpec, Preset } from "../../src/providers/provider-spec.ts";

export { presets };

const parametersOf = (preset: Preset): readonly (readonly [string, ParameterSpec])[] =>
  Object.entries(preset.parameters ?? {});

const exampleOf = (preset: Preset, name: string, { example }: ParameterSpec): string => {
  if (example === undefined) throw new Error(`${preset.name}: parameter ${name} has no example`);
  return example;
};

/** `providers` of a configuration with every preset, and a value for what only the platform may set and must. */
export const everyProvider: Readonly<Record<string, unknown>> = Object.fromEntries(
  presets.map((preset) => {
    const required = parametersOf(preset).filter(([, { scope, required = false }]) => scope === "platform" && required);
    const parameters = required.map(([name, spec]) => [name, { value: exampleOf(preset, name, spec) }]);
    return [preset.name, { preset: preset.name, parameters: Object.fromEntries(parameters) }];
  }),
);

/** The annotations that federate a ServiceAccount with a preset, with `which` of its parameters. */
export const annotationsFor = (preset: Preset, which: "required" | "all"): Record<string, string> => ({
  "podpass.dev/federate": preset.name,
  ...Object.fromEntries(
    parametersOf(preset)
      .filter(([, { scope, required = false }]) => scope !== "platform" && (which === "all" || required))
      .map(([name, spec]) => [`${preset.name}.podpass.dev/${name}`, exampleOf(preset, name, spec)]),
  ),
});
