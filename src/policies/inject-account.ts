/** The pod's ServiceAccount for the policy `inject`: what all its providers come to, as variables. */
import type { Settings } from "../configuration/settings.ts";
import { volumeName } from "../injection/footprint.ts";
import { isBelow } from "../pod/paths.ts";
import { ACCOUNT_LIMITS } from "../reasons/limits.ts";
import { federatedNames } from "./account.ts";
import { isUnderPrefix } from "./annotations.ts";
import { all, map, text, texts } from "./cel.ts";
import { claimVariables, withImplied } from "./implied.ts";
import type { ExpressedProvider } from "./inject-provider.ts";
import type { NamedExpression } from "./objects.ts";

type Providers = readonly ExpressedProvider[];

/** Names of variables that a provider sets, or without which it sets them not. */
const touched = ({ provider }: ExpressedProvider): ReadonlySet<string> =>
  new Set([...provider.env.map(({ name }) => name), ...provider.envTogether.flat()]);

const meet = (one: string, other: string): boolean => one === other || isBelow(one, other) || isBelow(other, one);

/** Does it depend on the other where one of them goes? Then the webhook gives way for one of the two. */
const clash = (one: ExpressedProvider, other: ExpressedProvider): boolean => {
  const sets = (a: ExpressedProvider, b: ExpressedProvider) => a.provider.env.some(({ name }) => touched(b).has(name));
  return (
    sets(one, other) ||
    sets(other, one) ||
    one.normals.some((path) => other.normals.some((second) => meet(path, second)))
  );
};

/** For each provider those after it with which it is not served. */
export const clashes = (providers: Providers): ReadonlyMap<string, readonly string[]> =>
  new Map(
    providers
      .map((one, index) => {
        const others = providers.slice(index + 1).filter((other) => clash(one, other));
        return [one.provider.name, others.map(({ provider }) => provider.name)] as const;
      })
      .filter(([, others]) => others.length > 0),
  );

const isWanted = ({ provider }: ExpressedProvider): string => `${text(provider.name)} in variables.wanted`;

/** By provider; only of those that are wanted `of` is evaluated. */
const wantedMap = (
  providers: Providers,
  of: (provider: ExpressedProvider, index: number) => string,
  otherwise: string,
): string =>
  map(
    providers.map((one, index) => [one.provider.name, `${isWanted(one)} ? ${of(one, index)} : ${otherwise}`] as const),
  );

const isPlain = (settings: Settings, providers: Providers): string => {
  const prefix = settings.annotationPrefix;
  const apart = [...clashes(providers)].map(
    ([name, others]) => `!(${text(name)} in variables.wanted && ${texts(others)}.exists(q, q in variables.wanted))`,
  );
  return all([
    `variables.wanted.size() > 0 && variables.listed.size() <= ${ACCOUNT_LIMITS["too-many-providers"].max}`,
    `variables.own.map(k, k).filter(k, ${isUnderPrefix("k", settings)}).size() <= ${ACCOUNT_LIMITS["too-many-keys"].max}`,
    `variables.wanted.all(p, p in ${texts(providers.map(({ provider }) => provider.name))})`,
    ...["only-containers", "skip-containers"].map(
      (name) => `variables.own[?${text(`${prefix}/${name}`)}].orValue('').trim() == ''`,
    ),
    ...providers.map((one, index) => `!(${isWanted(one)}) || variables.isPlain${index}`),
    ...apart,
    "variables.wanted.all(p, variables.audience[p] != '' && variables.audience[p].size() <= 1024)",
    // Two with one content share a volume.
    "variables.wanted.all(p, variables.wanted.filter(q, variables.audience[q] == variables.audience[p] && variables.fileName[q] == variables.fileName[p]).size() == 1)",
  ]);
};

const pair = (...parts: readonly string[]): string => `[${parts.join(", ")}]`;

const modes = (providers: Providers): string =>
  map(
    providers.flatMap(({ provider: { name, defaultMode } }) =>
      defaultMode === undefined ? [] : [[name, String(defaultMode)] as const],
    ),
  );

const variable = (name: string, expression: string): NamedExpression => ({ name, expression });

/** What is long, for each provider in a variable of its own: it is evaluated where a pod wants it, and no text is too long. */
const ofProvider = ({ variables, isPlain: plain, env, files }: ExpressedProvider, index: number) => [
  ...variables,
  variable(`isPlain${index}`, plain),
  // As in the webhook a variable without a value is left out.
  variable(`env${index}`, `[${env.map(([name, value]) => pair(text(name), value)).join(", ")}].filter(e, e[1] != '')`),
  variable(`files${index}`, `[${files.map((file) => pair(...file)).join(", ")}].filter(f, f[0] != '')`),
];

/** The variables, in the order in which they need each other. */
export const accountVariables = (settings: Settings, providers: Providers): readonly NamedExpression[] => {
  const wanted = (name: string, of: (one: ExpressedProvider, index: number) => string, otherwise: string) =>
    variable(name, wantedMap(providers, of, otherwise));
  const named = (name: string, of: (one: ExpressedProvider) => string) =>
    variable(name, map(providers.map((one) => [one.provider.name, of(one)])));
  const inOrder = (name: string) => `variables.wanted.map(p, variables.${name}[p])`;
  return [
    variable("own", "params.metadata.?annotations.orValue({})"),
    ...claimVariables(settings, federatedNames("params", settings), true),
    variable("listed", withImplied(settings, federatedNames("params", settings))),
    variable("wanted", "variables.listed.distinct()"),
    ...providers.flatMap(ofProvider),
    wanted("audience", (one) => one.audience, "''"),
    wanted("seconds", (one) => one.seconds, "0"),
    named("fileName", ({ provider }) => text(provider.fileName)),
    named("volume", ({ provider }) => text(volumeName(provider))),
    variable("mode", modes(providers)),
    variable("isPlainAccount", isPlain(settings, providers)),
    wanted("mountPath", (one) => one.mountPath, "''"),
    wanted("reachOf", (one) => one.reach, "''"),
    variable("reach", inOrder("reachOf")),
    wanted("envOf", (_, index) => `variables.env${index}`, "[]"),
    variable("env", `${inOrder("envOf")}.flatten()`),
    variable("names", "variables.env.map(e, e[0])"),
    named("togetherOf", ({ provider }) => `[${provider.envTogether.map((group) => texts(group)).join(", ")}]`),
    variable("together", `${inOrder("togetherOf")}.flatten().filter(g, g.exists(n, n in variables.names)).flatten()`),
    // A map, since it is looked into for every variable of every container.
    variable("isTaken", "(variables.names + variables.together).distinct().transformMapEntry(i, n, {n: true})"),
    wanted("filesOf", (_, index) => `variables.files${index}`, "[]"),
    variable("files", `${inOrder("filesOf")}.flatten()`),
  ];
};
