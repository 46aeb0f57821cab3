/** Configurations of every shape that decides over tokens; all of them valid. */
import fc from "fast-check";
import { withImplied } from "./native.ts";
import { PATTERNS } from "./patterns.ts";

/** A value once in `oneIn` times. */
export const maybe = <T>(value: fc.Arbitrary<T>, oneIn = 2): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 1, arbitrary: value }, { weight: oneIn - 1, arbitrary: fc.constant(undefined) });

/** An object without the members that are undefined. */
export const compact = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** Namespaces that the tests make. */
export const NAMESPACES = ["production", "team-a", "team-b", "sandbox"] as const;

const patterned = fc
  .constantFrom(...PATTERNS.keys())
  .chain((pattern) =>
    fc.record({ pattern: fc.constant(pattern), value: fc.constantFrom(...(PATTERNS.get(pattern) ?? [])) }),
  );

/** A parameter of a provider. */
export const parameter = fc
  .record({
    patterned,
    required: maybe(fc.boolean()),
    platform: fc.constantFrom(undefined, undefined, "default", "value"),
    scope: maybe(fc.constant("platform"), 5),
  })
  .map(({ patterned: { pattern, value }, required, platform, scope }) =>
    compact({ pattern, required, scope, ...(platform === undefined ? {} : { [platform]: value }) }),
  );

const AUDIENCES = [
  "a",
  "https://vault.example.com",
  'it\'s \\ "$x" `',
  "😀/${parameter.p}",
  "${parameter.p}",
  "x/${parameter.p}/${parameter.q}/${parameter.p}",
];

/** Where a provider may be used. */
export const allowedNamespaces = maybe(fc.constantFrom(["production"], ["team-*"], ["*-a", "sandbox"], ["*"], []), 3);

const custom = fc
  .record({ audience: fc.constantFrom(...AUDIENCES), p: parameter, q: parameter, allowedNamespaces })
  .map(({ audience, p, q, allowedNamespaces: namespaces }) =>
    compact({ token: { audience }, parameters: { p, q }, allowedNamespaces: namespaces }),
  );

const ACCOUNT = "^arn:aws:iam::123456789012:role/.+$";

const preset = fc.oneof(
  fc.constantFrom<Readonly<Record<string, unknown>>>(
    { name: "aws" },
    { name: "aws", parameters: { "role-arn": { pattern: ACCOUNT }, region: { default: "eu-west-1" } } },
    { name: "gcp" },
    { name: "azure", parameters: { "tenant-id": { value: "99999999-2222-3333-4444-555555555555" } } },
    { name: "enkryptify" },
    { name: "mongodb", parameters: { "token-audience": { value: "b" } } },
    { name: "vault" },
  ),
);

/** Presets, each as it is or with values of the platform. */
export const presets = fc
  .uniqueArray(fc.tuple(preset, allowedNamespaces), { maxLength: 4, selector: ([{ name }]) => name })
  .map((chosen) =>
    Object.fromEntries(
      chosen.map(([{ name, ...rest }, namespaces]) => [
        String(name),
        compact({ preset: name, ...rest, allowedNamespaces: namespaces }),
      ]),
    ),
  );

const bound = fc.constantFrom(600, 1200, 3600, 7200, 86_400, 2 ** 32);

const lifetimes = fc
  .record({ bounds: fc.tuple(bound, bound), violation: fc.constantFrom("Clamp", "Clamp", "Deny", "Warn") })
  .map(({ bounds, violation }) => ({ min: Math.min(...bounds), max: Math.max(...bounds), violation }));

const audiences = fc.record({
  allow: fc.constantFrom(
    [],
    ["b", "https://*.example.com"],
    ["a*", "*'s*"],
    ["https://internal.example.com", "(.+)", "*😀"],
    ["*"],
  ),
  violation: fc.constantFrom("Deny", "Deny", "Warn"),
});

/** The rules. */
export const policy = fc
  .record({
    enforcement: fc.constantFrom(undefined, "Enforce", "Enforce", "Warn"),
    exemptNamespaces: fc.constantFrom(undefined, undefined, [], ["sandbox"], ["team-*"], ["*-b", "s*x", "production2"]),
    lifetimes: maybe(lifetimes),
    audiences: maybe(audiences),
    invalidServiceAccount: fc.constantFrom(undefined, "Deny", "Warn"),
  })
  .map(({ lifetimes: expirationSeconds, audiences: allowed, ...rest }) =>
    compact({ ...rest, tokens: compact({ expirationSeconds, audiences: allowed }) }),
  );

/** A configuration file's content. */
export const configurations = fc
  .record({
    annotationPrefix: maybe(fc.constantFrom("identity.example.com", "x"), 4),
    presets,
    custom: fc.dictionary(fc.constantFrom("a", "x-1", "vault-eu", "constructor"), custom, { minKeys: 1, maxKeys: 3 }),
    policy,
  })
  .map(({ annotationPrefix, presets: known, custom: own, policy: rules }) =>
    compact({
      apiVersion: "podpass.dev/v1alpha1",
      kind: "Configuration",
      annotationPrefix,
      providers: { ...known, ...own },
      policy: rules,
    }),
  )
  .chain(withImplied);
