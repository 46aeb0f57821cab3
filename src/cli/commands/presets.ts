/** `podpass presets` on the command line. */
import { type DefineCommand, oneOf } from "./options.ts";

const HELP = `
Examples:
  $ podpass presets            all of them
  $ podpass presets aws        one: parameters, variables, files, and a ServiceAccount to copy
  $ podpass presets -o json    as data`;

/** Adds `presets`. */
export const definePresets: DefineCommand = (program, terminal, finish) => {
  program
    .command("presets")
    .summary("list the built-in providers, or show one")
    .description("Lists the built-in providers, or shows one with all that is needed to use it.")
    .argument("[name]", "the preset to show")
    .addOption(oneOf("-o, --output <format>", "how it is written", ["table", "json", "yaml"]))
    .addHelpText("after", HELP)
    .action(async (name: string | undefined, options) => {
      const { showPresets } = await import("../presets.ts");
      finish(showPresets({ ...options, name }, terminal));
    });
};
