/** The defaults of namespaces: judged as the platform's own values, when the configuration is read. */
import { references } from "../providers/template.ts";
import { isBlank } from "../reasons/characters.ts";
import { didYouMean } from "../reasons/nearest.ts";
import { quote } from "../reasons/text.ts";
import { checkPlatformValue } from "./compile-parameter.ts";
import type { NamespaceDefault } from "./native.ts";
import { matchesPattern } from "./patterns.ts";
import { allowedNames, type ConfigurationProblem, type Notice, noParameter, type Path } from "./problem.ts";
import type { ConfigurationFile } from "./schema.ts";
import type { Provider } from "./settings.ts";

type Written = NonNullable<ConfigurationFile["defaults"]>[number];

/** By provider, and what there is to say of them. */
export interface CompiledDefaults {
  readonly providers: ReadonlyMap<string, Provider>;
  readonly problems: readonly ConfigurationProblem[];
  readonly notices: readonly Notice[];
}

const parametersIn = ({ audience }: Provider): readonly string[] =>
  references(audience).flatMap((part) => (part.kind === "parameter" ? [part.name] : []));

/** Why the provider does not take this value as a default; undefined where it does. */
const whyNot = (provider: Provider, name: string, value: string): string | undefined => {
  const parameter = provider.parameters.get(name);
  if (parameter === undefined) return noParameter(name, provider.parameters);
  if (parameter.isFixed) return `provider ${quote(provider.name)} has a fixed value for it, which nobody may override`;
  // An audience that depends on the namespace alone would be allowed to nobody, or to everybody, without a ServiceAccount.
  if (!parameter.settable && parametersIn(provider).includes(name))
    return "it decides the audience and is the platform's; allowed: a provider of its own for these namespaces";
  return checkPlatformValue(value, parameter);
};

/** What the provider requires and the default leaves open. */
const openIn = (provider: Provider, given: ReadonlyMap<string, string>): readonly string[] => {
  const required = [...provider.parameters.values()].filter((one) => one.required).map(({ name }) => name);
  const needed = new Set([...required, ...parametersIn(provider)]);
  return [...needed].filter((name) => !given.has(name) && provider.parameters.get(name)?.platformValue === undefined);
};

const isCovered = (namespaces: readonly string[], by: readonly NamespaceDefault[]): boolean => {
  const before = by.flatMap((one) => one.namespaces);
  return namespaces.every((pattern) => before.some((earlier) => matchesPattern(earlier, pattern)));
};

/** Characters of all of them in an expression inside the API server; those that are not ASCII are escaped there. */
const MAX_TEXT = 40_000;

const lengthOf = ({ namespaces, parameters }: Written): number =>
  [...namespaces.map((pattern) => `${pattern}${pattern}`), ...Object.values(parameters ?? {})].reduce(
    (length, value) => length + 20 + value.replace(/[^ -~]/gu, "\\U00000000").length,
    0,
  );

const checkText = (written: readonly Written[]): readonly ConfigurationProblem[] => {
  const length = written.reduce((sum, one) => sum + lengthOf(one), 0);
  if (length <= MAX_TEXT) return [];
  const message = `are ${length} characters of an expression inside the API server; allowed: ${MAX_TEXT}`;
  return [{ path: ["defaults"], message }];
};

class DefaultsCompiler {
  readonly problems: ConfigurationProblem[] = [];
  readonly notices: Notice[] = [];
  readonly byProvider = new Map<string, NamespaceDefault[]>();
  private readonly providers: ReadonlyMap<string, Provider>;

  constructor(providers: ReadonlyMap<string, Provider>) {
    this.providers = providers;
  }

  add({ provider: name, namespaces, parameters }: Written, index: number): void {
    const path: Path = ["defaults", index];
    const provider = this.providers.get(name);
    if (provider === undefined) {
      const known = [...this.providers.keys()];
      const message = `there is no provider ${quote(name)};${didYouMean(name, known)} allowed: ${allowedNames(this.providers)}`;
      this.problems.push({ path: [...path, "provider"], message });
      return;
    }
    // As on a ServiceAccount, what is blank is not set.
    const given = new Map(Object.entries(parameters ?? {}).filter(([, value]) => !isBlank(value)));
    for (const [parameter, value] of given) {
      const message = whyNot(provider, parameter, value);
      if (message !== undefined) this.problems.push({ path: [...path, "parameters", parameter], message });
    }
    const before = this.byProvider.get(name) ?? [];
    this.byProvider.set(name, before);
    if (isCovered(namespaces, before))
      this.notices.push({
        path,
        text: `defaults[${index}] is without effect: earlier ones of ${name} hold in all its namespaces`,
      });
    const open = openIn(provider, given);
    if (open.length > 0)
      this.notices.push({
        path,
        text: `defaults[${index}] only adds values, and federates nobody by itself: it leaves ${open.join(", ")} of ${name} to ServiceAccounts`,
        isMeant: true,
      });
    before.push({ namespaces, parameters: given, federates: open.length === 0 });
  }
}

/** Compiles `written`: the providers with their defaults. */
export const compileDefaults = (
  written: readonly Written[] | undefined,
  providers: ReadonlyMap<string, Provider>,
): CompiledDefaults => {
  if (written === undefined) return { providers, problems: [], notices: [] };
  const compiler = new DefaultsCompiler(providers);
  for (const [index, one] of written.entries()) compiler.add(one, index);
  const { problems, notices, byProvider } = compiler;
  const withDefaults = [...providers].map(
    ([name, provider]) => [name, { ...provider, defaults: byProvider.get(name) ?? [] }] as const,
  );
  return { providers: new Map(withDefaults), problems: [...problems, ...checkText(written)], notices };
};
