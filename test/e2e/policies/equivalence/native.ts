/** What federates beside our own annotation: keys of made-up vendors, defaults of namespaces, and who writes them. */

import fc from "fast-check";
import type { Provider, Settings } from "../../../../src/configuration/settings.ts";
import { isIniValue } from "../../../../src/providers/ini.ts";
import { goodValues } from "./good-values.ts";

type Written = Readonly<Record<string, unknown>>;
type Parameters = Readonly<Record<string, Written>>;

const parametersOf = (provider: Written): Parameters => (provider["parameters"] ?? {}) as Parameters;

/** Vendors' keys for the provider `name`, which nobody else has; undefined: none. */
const nativeFor = (name: string, provider: Written): fc.Arbitrary<readonly Written[] | undefined> => {
  const key = (rest: string) => `${name}.vendor.example.com/${rest}`;
  const names = Object.keys(parametersOf(provider));
  const optOuts = [
    { on: "serviceAccountAnnotation", key: key("off"), value: "true" },
    { on: "podLabel", key: key("off") },
    { on: "podAnnotation", key: key("off"), value: "true" },
  ];
  return fc
    .record({
      podLabel: fc.constantFrom(undefined, undefined, { key: key("use"), value: "true" }),
      optOut: fc.constantFrom(undefined, optOuts),
      value: fc.constantFrom(undefined, undefined, "true"),
      audience: fc.constantFrom<object | undefined>(
        undefined,
        { key: key("audience") },
        { key: key("audience"), default: "vendor's" },
      ),
      expirationSeconds: fc.constantFrom<object | undefined>(
        undefined,
        { key: key("seconds"), podKey: key("seconds"), default: 1800, min: 900, unreadable: "ignored" },
        { key: key("seconds"), min: 1200 },
      ),
      isThere: fc.constantFrom(true, true, false),
    })
    .map(({ value, isThere, ...rest }) =>
      isThere
        ? [
            JSON.parse(
              JSON.stringify({
                webhook: "a vendor's",
                trigger: { key: key(value === undefined ? (names[0] ?? "on") : "on"), value },
                parameters: Object.fromEntries(names.map((parameter) => [parameter, key(parameter)])),
                skipContainers: key("skip"),
                ...rest,
              }),
            ) as Written,
          ]
        : undefined,
    );
};

/** Is the parameter one that a default may set? */
const mayHaveDefault = ({ value, scope }: Written): boolean => value === undefined && scope !== "platform";

const DEFAULT_NAMESPACES = [["team-*"], ["production", "sandbox"], ["*"], ["*-a"]];

const defaultsFor = (name: string, provider: Written): fc.Arbitrary<readonly object[]> => {
  const hasIni = JSON.stringify(provider["files"] ?? []).includes('"ini":');
  const values = Object.entries(parametersOf(provider))
    .filter(([, parameter]) => mayHaveDefault(parameter))
    .flatMap(([parameter, { pattern, maxLength = 1024 }]) => {
      const any = goodValues({ name: parameter, patternText: pattern as string | undefined });
      // A configuration with values that its own parameters do not take, or its INI file, is refused.
      const good = any.filter((value) => [...value].length <= Number(maxLength) && (!hasIni || isIniValue(value)));
      return good.length === 0 ? [] : [fc.tuple(fc.constant(parameter), fc.constantFrom(undefined, ...good))];
    });
  return fc.array(
    fc
      .record({ namespaces: fc.constantFrom(...DEFAULT_NAMESPACES), entries: fc.tuple(...values) })
      .map(({ namespaces, entries }) => ({
        namespaces,
        provider: name,
        parameters: Object.fromEntries(entries.filter(([, value]) => value !== undefined)),
      })),
    { maxLength: 2 },
  );
};

/** Once in two times `configuration` with vendors' keys and defaults for its providers that are no presets. */
export const withImplied = (configuration: unknown): fc.Arbitrary<unknown> => {
  const plain = configuration as { readonly providers: Readonly<Record<string, Written>> };
  const custom = Object.entries(plain.providers).filter(([, provider]) => provider["preset"] === undefined);
  return fc
    .record({
      natives: fc.tuple(...custom.map(([name, provider]) => nativeFor(name, provider))),
      defaults: fc.tuple(...custom.map(([name, provider]) => defaultsFor(name, provider))),
      hasDefaults: fc.boolean(),
      isOff: fc.constantFrom(true, false, false),
    })
    .map(({ natives, defaults, hasDefaults, isOff }) => {
      if (isOff) return configuration;
      const providers = custom.map(([name, provider], index) => {
        const native = natives[index];
        return [name, native === undefined ? provider : { ...provider, native }] as const;
      });
      return {
        ...plain,
        providers: { ...plain.providers, ...Object.fromEntries(providers) },
        nativeAnnotations: true,
        ...(hasDefaults && { defaults: defaults.flat() }),
      };
    });
};

type Entry = readonly [key: string, value: string | undefined];

const entry = (key: string | undefined, ...values: readonly (string | undefined)[]): readonly fc.Arbitrary<Entry>[] =>
  key === undefined ? [] : [fc.constantFrom(...values).map((value) => [key, value] as const)];

/** What a ServiceAccount may carry of it for `provider`. */
export const nativeEntries = (provider: Provider, prefix: string): readonly fc.Arbitrary<Entry>[] => [
  ...provider.native.flatMap(({ trigger, parameters, audienceKey, lifetime, optOut }) => [
    ...[...parameters].flatMap(([name, { key }]) => {
      const parameter = provider.parameters.get(name);
      const good = parameter === undefined ? [] : goodValues(parameter);
      return entry(key, undefined, "", ...good, ...good);
    }),
    ...(trigger.value === undefined ? [] : entry(trigger.key, undefined, "true", "true", "false")),
    ...entry(audienceKey, undefined, undefined, undefined, "a", "\u00a0"),
    ...entry(lifetime.key, undefined, undefined, "600", "3600", "1h", "0900", "9".repeat(30)),
    ...optOut.flatMap(({ on, key }) =>
      on === "serviceAccountAnnotation" ? entry(key, undefined, undefined, undefined, undefined, "true", "x") : [],
    ),
  ]),
  ...(provider.native.length + provider.defaults.length === 0
    ? []
    : entry(`${provider.name}.${prefix}/inject`, ...Array<undefined>(9).fill(undefined), "false", "no")),
];

/** Labels and annotations of a pod that vendors' webhooks look at. */
export interface NativePodParts {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What a pod may carry of it. */
export const nativePodParts = ({ providers }: Settings): fc.Arbitrary<NativePodParts> => {
  const rules = [...providers.values()].flatMap(({ native }) => native);
  const labels = rules.flatMap(({ podLabel, optOut }) => [
    ...entry(podLabel?.key, undefined, "true", "true", "true", "false"),
    ...optOut.flatMap(({ on, key }) =>
      on === "podLabel" ? entry(key, ...Array<undefined>(8).fill(undefined), "", "x") : [],
    ),
  ]);
  const annotations = rules.flatMap(({ optOut, skipContainers, lifetime }) => [
    ...optOut.flatMap(({ on, key }) =>
      on === "podAnnotation" ? entry(key, ...Array<undefined>(8).fill(undefined), "true", "false") : [],
    ),
    ...entry(skipContainers, ...Array<undefined>(8).fill(undefined), "c0;nobody", " "),
    ...entry(lifetime.podKey, ...Array<undefined>(8).fill(undefined), "2000"),
  ]);
  const objectOf = (entries: readonly fc.Arbitrary<Entry>[]) =>
    fc
      .tuple(...entries)
      .map((all) => Object.fromEntries(all.filter((one): one is readonly [string, string] => one[1] !== undefined)));
  return fc.record({ labels: objectOf(labels), annotations: objectOf(annotations) });
};
