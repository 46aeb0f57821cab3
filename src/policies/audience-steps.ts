/** How audiences are judged: in steps, of which each looks at what the ones before did not allow. */
import { settableIn } from "../configuration/audience-cost.ts";
import type { Settings } from "../configuration/settings.ts";
import { quote } from "../reasons/text.ts";
import {
  type AudienceTest,
  anyAudience,
  fixedTests,
  inNamespaces,
  type Namespaces,
  namespacesOf,
  templateTests,
} from "./audience-tests.ts";
import { any, shown, text } from "./cel.ts";
import { fits, steps } from "./cost.ts";
import type { NamedExpression } from "./objects.ts";
import { ownAudiences } from "./own-audience.ts";

/** Is there a provider whose audience a ServiceAccount sets? */
export const hasOwnAudiences = ({ providers }: Settings): boolean =>
  [...providers.values()].some((provider) => settableIn(provider).length > 0);

/** Judged audiences, as variables. */
export interface JudgedAudiences {
  readonly variables: readonly NamedExpression[];
  /** A list of lists of those that are not allowed; without empty lists. */
  readonly refused: string;
  /** For a sentence: what is allowed. */
  readonly allowed: string;
}

/** What a sentence can hold: the API server drops one of more than 5 KiB. */
const MAX_NAMED = 24;
const MAX_ALLOWED = 1500;

/** What is judged, and by what. */
interface Judging {
  readonly settings: Settings;
  readonly namespaces: Namespaces;
  /** A list of lists. */
  readonly asked: NamedExpression;
  readonly tests: readonly AudienceTest[];
  /** For `params`: undefined where any ServiceAccount may be meant. */
  readonly own: readonly NamedExpression[] | undefined;
}

/** Beside the API server's own, in the order of the webhook's sentence. */
const allowedTexts = ({ settings, namespaces, own }: Judging): readonly string[] => [
  ...(settings.policy.audiences?.allow ?? []).map((one) => text(`, ${quote(one, 100)}`)),
  ...[...settings.providers.values()]
    .filter((provider) => own === undefined || settableIn(provider).length === 0)
    .flatMap((provider) => {
      const audience = anyAudience(provider);
      if (audience === undefined) return [];
      const named = text(`, ${quote(audience, 100)}`);
      const condition = inNamespaces(namespaces, provider, "true");
      return [condition === "true" ? named : `(${condition} ? ${named} : '')`];
    }),
];

const allowedVariables = (judging: Judging): readonly NamedExpression[] => {
  const named = [...new Set(allowedTexts(judging))];
  const own =
    judging.own === undefined ? [] : [`variables.own.filter(o, o != '').map(o, ', ' + ${shown("o")}).join('')`];
  const parts = [...named.slice(0, MAX_NAMED), ...own];
  return [
    { name: "listed", expression: parts.length === 0 ? "''" : parts.join(" + ") },
    {
      name: "allowed",
      expression: `variables.listed.size() > ${MAX_ALLOWED} ? variables.listed.substring(0, ${MAX_ALLOWED}) + '...' : variables.listed`,
    },
  ];
};

const stepVariables = ({ tests, asked }: Judging): readonly NamedExpression[] =>
  steps(tests).map((step, index) => {
    const before = index === 0 ? asked.name : `left${index}`;
    const allowed = any(step.map(({ expression }) => expression));
    return {
      name: `left${index + 1}`,
      expression: `variables.${before}.map(l, l.filter(a, !(${allowed}))).filter(l, l.size() > 0)`,
    };
  });

const judged = (judging: Judging): JudgedAudiences => {
  const { namespaces, asked, own } = judging;
  const left = stepVariables(judging);
  return {
    variables: [...namespaces.values(), ...(own ?? []), asked, ...left, ...allowedVariables(judging)],
    refused: `variables.${left.at(-1)?.name ?? asked.name}`,
    allowed: "variables.allowed",
  };
};

/** Does the API server match parameters with their patterns where it does not know the ServiceAccount? */
export const isNarrow = (settings: Settings, more: readonly AudienceTest[] = []): boolean =>
  fits(settings, [...more, ...templateTests(settings, namespacesOf(settings)).narrow]);

/** Judges `asked`, a list of lists of audiences, for any ServiceAccount; `more` is allowed too. */
export const judgedForAny = (
  settings: Settings,
  asked: NamedExpression,
  more: readonly AudienceTest[] = [],
): JudgedAudiences => {
  const namespaces = namespacesOf(settings);
  const { wide, narrow } = templateTests(settings, namespaces);
  const templates = isNarrow(settings, more) ? narrow : wide;
  const tests = [...more, ...fixedTests(settings, namespaces), ...templates];
  return judged({ settings, namespaces, asked, tests, own: undefined });
};

/**
 * Judges `asked`, a list of lists of audiences, for the ServiceAccount `params`; `more` is allowed too. Without `more` it
 * is a pod that asks.
 */
export const judgedForOwn = (
  settings: Settings,
  asked: NamedExpression,
  more?: readonly AudienceTest[],
): JudgedAudiences => {
  const namespaces = namespacesOf(settings);
  const own = ownAudiences(settings, namespaces, more === undefined);
  // Where a provider has no audience for it, the list has an empty text, which a TokenRequest may ask for.
  const ownTest = { expression: "a != '' && a in variables.own", cost: own.length + 12 };
  const tests = [...(more ?? []), ...fixedTests(settings, namespaces), ownTest];
  return judged({ settings, namespaces, asked, tests, own });
};
