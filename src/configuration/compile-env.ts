/** The variables of a provider, its own and those of others that matter to it: merged data in, compiled ones out. */
import type { ProviderSpec } from "../providers/provider-spec.ts";
import { namesPlace, parseTemplate, references } from "../providers/template.ts";
import { quote } from "../reasons/text.ts";
import type { MergedProvider } from "./merge.ts";
import type { Findings } from "./provider-findings.ts";
import type { EnvTemplate, FileTemplate, Provider } from "./settings.ts";

/** Compiles the variables that the provider sets. */
export const compileEnv = (merged: MergedProvider, findings: Findings): readonly EnvTemplate[] =>
  [...merged.env].map(([name, { value, when }]) => {
    const { template, unknown } = parseTemplate(value);
    const found = references(template);
    const path = ["env", name];
    findings.check(path, found, unknown, "env");
    const namesIdentity = found.some((ref) => ref.kind === "parameter" && merged.parameters.get(ref.name)?.required);
    return {
      name,
      template,
      holdsPath: found.some(namesPlace),
      namesIdentity,
      choosesIdentity: merged.chosenBy.includes(name),
      when: findings.conditions(path, when),
    };
  });

/** Is the variable there whatever the parameters are, as far as conditions say? */
const isAlwaysSet = (env: readonly EnvTemplate[], files: readonly FileTemplate[]): ((name: string) => boolean) => {
  const conditional = new Set(files.filter(({ when }) => when.size > 0).map(({ name }) => name));
  const always = env.filter(
    ({ when, template }) =>
      when.size === 0 && !references(template).some((ref) => ref.kind === "file" && conditional.has(ref.name)),
  );
  const names = new Set(always.map(({ name }) => name));
  return (name) => names.has(name);
};

/** What the variables of others are compiled with: those of the provider, and its files. */
export interface OwnParts {
  readonly env: readonly EnvTemplate[];
  readonly files: readonly FileTemplate[];
  readonly findings: Findings;
}

/** The variables of others that matter; what the provider always sets itself is none of them. */
export const compileOthers = (
  merged: MergedProvider,
  written: ProviderSpec,
  { env, files, findings }: OwnParts,
): Pick<Provider, "shadowedBy" | "shadowedEvenEmpty" | "displaces"> => {
  for (const name of written.shadowedEvenEmpty ?? [])
    if (!merged.shadowedBy.includes(name))
      findings.notice(
        ["shadowedEvenEmpty"],
        `shadowedEvenEmpty: ${quote(name)} is without effect: shadowedBy does not have it`,
      );
  for (const name of written.chosenBy ?? [])
    if (!merged.env.has(name))
      findings.notice(["chosenBy"], `chosenBy: ${quote(name)} is without effect: env does not have it`);
  const isOwn = isAlwaysSet(env, files);
  const shadowedBy = merged.shadowedBy.filter((name) => !isOwn(name));
  return {
    shadowedBy,
    shadowedEvenEmpty: new Set(merged.shadowedEvenEmpty.filter((name) => shadowedBy.includes(name))),
    displaces: merged.displaces.filter((name) => !isOwn(name)),
  };
};
