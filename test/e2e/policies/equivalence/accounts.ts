/** The annotations of ServiceAccounts: good ones, and what people and attackers write. */
import fc from "fast-check";
import type { Parameter, Provider, Settings } from "../../../../src/configuration/settings.ts";
import { maybe } from "./configurations.ts";
import { goodValues } from "./good-values.ts";
import { nativeEntries } from "./native.ts";

const BLANK = ["", " ", "\t\n", "\u00a0", "\u0085 \u2028", "\u3000"];

/** What is nobody's good value, or nearly one. */
const HOSTILE = [
  "\ufeff",
  "a\nb",
  "a\u0085b",
  "b ",
  "\u180e",
  "x'); true",
  "*",
  "😀".repeat(1024),
  "😀".repeat(1025),
  "v\u0000",
];

const valuesFor = (parameter: Parameter): fc.Arbitrary<string | undefined> => {
  const values = goodValues(parameter);
  return fc.oneof(
    { weight: 10, arbitrary: values.length === 0 ? fc.constant(undefined) : fc.constantFrom(...values) },
    { weight: 1, arbitrary: fc.constantFrom(...BLANK) },
    { weight: 1, arbitrary: fc.constantFrom(...HOSTILE) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
};

type Entry = readonly [key: string, value: string | undefined];

const entry = (key: string, value: fc.Arbitrary<string | undefined>): fc.Arbitrary<Entry> =>
  value.map((written) => [key, written] as const);

const rarely = (...values: readonly string[]) => maybe(fc.constantFrom(...values), 12);

const ofProvider = (provider: Provider, prefix: string): readonly fc.Arbitrary<Entry>[] => {
  const key = (name: string) => `${provider.name}.${prefix}/${name}`;
  return [
    ...[...provider.parameters.values()].map((parameter) => entry(key(parameter.name), valuesFor(parameter))),
    entry(key("audience"), rarely("a", "own 😀", "https://internal.example.com", "\ufeff", "a\u0007", ...BLANK)),
    entry(key("expiration-seconds"), rarely("1800", "0", " 1800", "1h", "-1", "", "\u0085", "9".repeat(400))),
    entry(key("only-containers"), rarely("app", "nobody", ", ,", "c,".repeat(1001))),
    ...nativeEntries(provider, prefix),
  ];
};

/** Between the names of providers. */
export const separator = fc.constantFrom(",", ", ", " ,", ",,", ",\u00a0", "\u0085,", ",\u2028 ,");

/** `silent`: so many times for nine others there is no such annotation. */
const federate = (names: readonly string[], silent: number): fc.Arbitrary<string | undefined> =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .tuple(
          fc.array(
            fc.oneof(
              { weight: 14, arbitrary: fc.constantFrom(...names) },
              { weight: 1, arbitrary: fc.constantFrom("nobody", "\ufeffa", "constructor", "__proto__", "a'b") },
            ),
            { minLength: 1, maxLength: 4 },
          ),
          separator,
        )
        .map(([list, comma]) => list.join(comma)),
    },
    { weight: 1, arbitrary: fc.constantFrom("", " , ,", "\u00a0,\u0085", `${names[0]},`.repeat(33)) },
    { weight: silent, arbitrary: fc.constant(undefined) },
  );

const rest = (prefix: string): fc.Arbitrary<Entry> =>
  fc.constantFrom<Entry>(
    ["note", "x"],
    [`${prefix}/federated`, "a"],
    [`${prefix}/inject`, "false"],
    [`nobody.${prefix}/role`, "x"],
    [`${prefix}/only-containers`, "app, \u00a0,nobody"],
    [`${prefix}/skip-containers`, "c,".repeat(1001)],
    [`x${prefix}/federate`, "a"],
  );

/** The annotations of a ServiceAccount whose pods `settings` are for. */
export const accounts = ({
  providers,
  annotationPrefix,
  hasImplied,
}: Settings): fc.Arbitrary<ReadonlyMap<string, string>> =>
  fc
    .tuple(
      entry(`${annotationPrefix}/federate`, federate([...providers.keys()], hasImplied ? 8 : 1)),
      ...[...providers.values()].flatMap((provider) => ofProvider(provider, annotationPrefix)),
      maybe(rest(annotationPrefix), 4).map((one): Entry => one ?? ["note", undefined]),
    )
    .map((entries) => new Map(entries.filter((one): one is readonly [string, string] => one[1] !== undefined)));
