/** The annotations of ServiceAccounts that ask for what a provider gives, more often than not in good order. */
import fc from "fast-check";
import { matchesAny } from "../../../../../src/configuration/patterns.ts";
import type { Parameter, Provider, Settings } from "../../../../../src/configuration/settings.ts";
import { isIniValue } from "../../../../../src/providers/ini.ts";
import { accounts, separator } from "../accounts.ts";
import { goodValues } from "../good-values.ts";
import { nativeEntries } from "../native.ts";

type Entry = readonly [key: string, value: string | undefined];

const entry = (key: string, value: fc.Arbitrary<string | undefined>): fc.Arbitrary<Entry> =>
  value.map((written) => [key, written] as const);

/** What programs, shells, JSON and CEL read as more than text. */
const SPECIAL = [
  "$",
  "$$",
  "${A}",
  "$(A)",
  "$(",
  'a"b',
  "it's \\",
  "\\n",
  "a\u2028b",
  "😀",
  "yes",
  "no",
  "\ue000x\ue001",
];

/** For a parameter whose values may be longer than usual. */
const LONG = "😀".repeat(1500);

const writtenFor = (parameter: Parameter): fc.Arbitrary<string | undefined> => {
  const { patternText, required, platformValue, maxLength, isInIni } = parameter;
  const any = patternText === undefined ? [...goodValues(parameter), ...SPECIAL] : [...goodValues(parameter)];
  const good = isInIni ? [...any.filter(isIniValue), "a #b"] : any;
  if (maxLength > LONG.length / 2) good.push(LONG, LONG, LONG, LONG);
  if (patternText === "yes|no") good.push("yes", "no");
  const mayBeOpen = !required || platformValue !== undefined;
  if (good.length === 0) return fc.constant(undefined);
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...good) },
    { weight: mayBeOpen ? 2 : 0, arbitrary: fc.constantFrom(undefined, " ", "") },
  );
};

const ofProvider = (provider: Provider, prefix: string): readonly fc.Arbitrary<Entry>[] => {
  const key = (name: string) => `${provider.name}.${prefix}/${name}`;
  const seconds = fc.constantFrom(undefined, undefined, undefined, undefined, "3600", "0900", "7200", "\u00a0", "599");
  const settable = [...provider.parameters.values()].filter((one) => one.settable);
  return [
    ...settable.map((one) => entry(key(one.name), writtenFor(one))),
    entry(key("expiration-seconds"), seconds),
    ...nativeEntries(provider, prefix),
  ];
};

/** Can an account of `namespace` use it? */
const isUsable = ({ parameters, allowedNamespaces }: Provider, namespace: string): boolean =>
  (allowedNamespaces === undefined || matchesAny(allowedNamespaces, namespace)) &&
  [...parameters.values()].every(({ required, settable, platformValue }) => !required || settable || platformValue);

const namesFor = ({ providers }: Settings, namespace: string): fc.Arbitrary<string> => {
  const usable = [...providers.values()].filter((one) => isUsable(one, namespace)).map(({ name }) => name);
  const any = fc.constantFrom(...providers.keys());
  return usable.length === 0 ? any : fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...usable) }, any);
};

const orderly = (settings: Settings, namespace: string): fc.Arbitrary<ReadonlyMap<string, string>> => {
  const { providers, annotationPrefix: prefix } = settings;
  return fc
    .tuple(
      fc.array(namesFor(settings, namespace), { minLength: 1, maxLength: 3 }),
      separator,
      fc.tuple(...[...providers.values()].flatMap((provider) => ofProvider(provider, prefix))),
      fc.constantFrom<Entry>(["note", "x"], [`nobody.${prefix}/role`, "x"], ["note", undefined]),
    )
    .map(([names, comma, entries, other]) => {
      const federate = settings.hasImplied && names.length < 3 ? undefined : names.join(comma);
      const written: readonly Entry[] = [[`${prefix}/federate`, federate], ...entries, other];
      return new Map(written.filter((one): one is readonly [string, string] => one[1] !== undefined));
    });
};

/** The annotations of a ServiceAccount of `namespace`, whose pods `settings` are for. */
export const federatedAccounts = (settings: Settings, namespace: string): fc.Arbitrary<ReadonlyMap<string, string>> =>
  fc.oneof({ weight: 5, arbitrary: orderly(settings, namespace) }, { weight: 1, arbitrary: accounts(settings) });
