/** What of a provider has no form in CEL. */
import type { FileTemplate, Provider } from "../configuration/settings.ts";
import { renderFile } from "../providers/file-template.ts";
import type { Reference } from "../providers/template.ts";
import { list } from "../reasons/text.ts";
import { holdsSymbol } from "./inject-symbols.ts";
import type { ProviderValues } from "./inject-values.ts";

/** The references in the body of `file`. */
export const referencesIn = ({ body }: FileTemplate): readonly Reference[] => {
  const found: Reference[] = [];
  renderFile(body, (reference) => {
    found.push(reference);
    return "";
  });
  return found;
};

/** Why no ServiceAccount can be resolved with `provider`, or what of it has no form in CEL; undefined where all has. */
export const whyNot = (provider: Provider, values: ProviderValues): string | undefined => {
  const missing = [...provider.parameters.values()].filter(
    ({ name, required }) => required && !values.values.has(name),
  );
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name);
    return `the configuration has no value for ${list(names, 3)}, which only the platform sets: no ServiceAccount can use it`;
  }
  const { audience, env, files, parameters } = provider;
  const platform = [...parameters.values()].map(({ platformValue }) => platformValue);
  if (holdsSymbol(JSON.stringify([audience, env, files, platform])))
    return "it has characters for private use (U+E000, U+E001), with which values are marked here";
  const conditional = new Set(files.filter(({ when }) => when.size > 0).map(({ name }) => name));
  const escaping = files.find(({ body }) => body.kind === "properties");
  if (escaping !== undefined)
    return `its file ${escaping.name} is one of properties, which the policies cannot write: such a provider is the webhook's alone`;
  for (const file of files)
    if (referencesIn(file).some((reference) => reference.kind === "file" && conditional.has(reference.name)))
      return `its file ${file.name} names a file that is not always there`;
  return undefined;
};
