/** Configurations of every shape that decides over what a pod gets; nearly all of them valid. */
import fc from "fast-check";
import { valuePattern } from "../../../../../src/configuration/value-pattern.ts";
import { isIniValue } from "../../../../../src/providers/ini.ts";
import { allowedNamespaces, compact, maybe, parameter, policy, presets } from "../configurations.ts";
import { withImplied } from "../native.ts";

/** Of providers that people write. */
const CUSTOM_NAMES = ["a", "x-1", "vault-eu", "constructor"] as const;

const AUDIENCES = [
  "a",
  "c",
  'it\'s \\ "$x" `',
  "own 😀",
  "😀/${parameter.p}",
  "${parameter.p}",
  "x/${parameter.p}/${parameter.q}/${parameter.p}",
];

const TEMPLATES = [
  "plain",
  "$(HOME) $$ ${parameter.p}",
  "${token.file}",
  "${token.audience}|${parameter.q}",
  "'\"\\ ${parameter.p}${parameter.p}\u2028",
  "${parameter.r}",
  "${parameter.q}:${parameter.r}",
  "😀 ${file.x.json}",
  "${token.dir}/${parameter.q}",
  "${subject}",
  "$${serviceAccount.namespace}.${serviceAccount.name}:${parameter.r}",
];

const NAMES = ["AWS_REGION", "OWN_A", "OWN_E", "OWN_B", "OWN_C", "own.d-e"];

const conditions = fc.constantFrom<object>(
  { r: "yes" },
  { r: "" },
  { p: "v", q: 'a"b' },
  { q: "it's \\" },
  { r: { set: true } },
  { p: { set: true }, r: { set: false } },
  { q: { set: false } },
);

const when = fc.oneof(fc.constant(undefined), conditions);

type Variable = string | { readonly value: string; readonly when: object };

const templateOf = (variable: Variable): string => (typeof variable === "string" ? variable : variable.value);

const template = fc.constantFrom(...TEMPLATES);

const env = fc.dictionary<string, Variable>(
  fc.constantFrom(...NAMES),
  fc.oneof({ weight: 2, arbitrary: template }, fc.record({ value: template, when: conditions })),
  { maxKeys: 4 },
);

const json = fc.constantFrom<unknown>(
  { p: "${parameter.p}", 'k"\\': ["${parameter.q}", 1, null, true], t: "${token.file}" },
  { r: "${parameter.r}", s: "'\\\" \u2028😀" },
  "${parameter.p}",
  ["${token.audience}", { q: "${parameter.q}/${parameter.r}" }],
);

const toml = fc.constantFrom<object>(
  {
    p: "${parameter.p}",
    'k"\\': ["${parameter.q}", 1, 1.5, true],
    t: { d: "${token.dir}", "": { r: "${parameter.r}" } },
  },
  { a: [{ r: "${parameter.r}", b: "\u007f'\"" }], empty: { q: "${parameter.q}" } },
);

const ini = fc.constantFrom<object>(
  { default: { who: "${subject}", p: "${parameter.p}" }, "profile x": { s3: { r: "${parameter.r}" }, n: 1 } },
  { s: { q: "x ${parameter.q}${parameter.r}", t: "${token.file}" } },
);

const body = fc.oneof(
  json.map((value) => ({ json: value })),
  { weight: 2, arbitrary: toml.map((value) => ({ toml: value })) },
  { weight: 2, arbitrary: ini.map((value) => ({ ini: value })) },
  fc
    .constantFrom("a\n${parameter.q}\nb\n", "${token.file}", "'\\ ${parameter.r}\n\n${parameter.p}")
    .map((text) => ({ text })),
);

const file = (name: string) =>
  fc.record({ body, when }).map(({ body: content, when: only }) => compact({ name, ...content, when: only }));

const files = fc.oneof(
  fc.constant(undefined),
  fc.tuple(file("x.json")).map((list) => [...list]),
  fc.tuple(file("x.json"), file("y.txt")).map((list) => [...list]),
);

const SECONDS = [undefined, undefined, { default: 1200 }, { min: 600, max: 7200 }, { default: 86_400 }];

const PATHS = [undefined, undefined, undefined, "/var/run/a", "/run/a/b", "/x/y", "/var/run/secrets/é 😀'\\\""];

const token = fc
  .record({
    audience: fc.constantFrom(...AUDIENCES),
    expirationSeconds: fc.constantFrom(...SECONDS),
    mountPath: fc.constantFrom(...PATHS),
    fileName: fc.constantFrom(undefined, undefined, "jwt"),
    defaultMode: fc.constantFrom(undefined, undefined, 0o440, 0),
  })
  .map(compact);

/** A third parameter, of which more than others files and variables depend. */
const choice = fc.constantFrom<object>(
  {},
  {},
  { default: "" },
  { default: "yes" },
  { value: "yes" },
  { pattern: "yes|no" },
  { maxLength: 2 },
  { maxLength: 1600 },
  { maxLength: 1600 },
  { maxLength: 1600 },
  { maxLength: 1600 },
);

/** Half of them take any text. */
const anyParameter = fc.oneof(parameter, fc.constant<object>({}));

/** Can the platform's own values go into an INI file? A configuration in which they cannot is refused. */
const areForIni = (parameters: readonly object[]): boolean =>
  parameters.every((one) => {
    const { default: usual, value = usual } = one as { default?: string; value?: string };
    return value === undefined || isIniValue(value);
  });

interface Parameters {
  readonly [name: string]: { readonly pattern?: string; readonly maxLength?: number };
}

/** Of conditions those that can be met: a configuration with another one is refused. Undefined where none is left. */
const possible = (written: object | undefined, parameters: Parameters, hasIni: boolean): object | undefined => {
  const left = Object.entries(written ?? {}).filter(([name, condition]) => {
    const { pattern, maxLength = 1024 } = parameters[name] ?? {};
    if (typeof condition !== "string") return true;
    return (
      condition.length <= maxLength &&
      (!hasIni || isIniValue(condition)) &&
      (pattern === undefined || valuePattern(pattern).matches(condition))
    );
  });
  return left.length === 0 ? undefined : Object.fromEntries(left);
};

const custom = fc
  .record({
    token,
    p: anyParameter,
    q: anyParameter,
    r: choice,
    env,
    files,
    allowedNamespaces,
    isTogether: fc.boolean(),
  })
  .map(({ p, q, r, isTogether, files: list, env: variables, ...rest }) => {
    const names = Object.keys(variables);
    const known = Object.fromEntries(
      Object.entries(variables).filter(
        ([, variable]) => list !== undefined || !templateOf(variable).includes("${file."),
      ),
    );
    const parameters = { p, q, r };
    const hasIni = list?.some((one) => "ini" in one) ?? false;
    return compact({
      ...rest,
      parameters,
      env: Object.fromEntries(
        Object.entries(known).map(([name, variable]) => {
          if (typeof variable === "string") return [name, variable];
          const conditioned = possible(variable.when, parameters, hasIni);
          return [name, conditioned === undefined ? variable.value : { value: variable.value, when: conditioned }];
        }),
      ),
      files: list
        ?.map((one) => ("ini" in one && !areForIni([p, q, r]) ? { name: one["name"], text: "x" } : one))
        .map((one) => compact({ ...one, when: possible(one["when"] as object | undefined, parameters, hasIni) })),
      envTogether: isTogether && names.length > 1 ? [names.slice(0, 2)] : undefined,
    });
  });

/** Two that set one variable are not served together: each has most names for itself. */
const renamed = (provider: string, given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const own = (name: string) => (name === "AWS_REGION" ? name : `${name}_${provider.replaceAll("-", "_")}`);
  const { env: variables = {}, envTogether: groups } = given as { env?: object; envTogether?: string[][] };
  return compact({
    ...given,
    env: Object.fromEntries(Object.entries(variables).map(([name, template]) => [own(name), template])),
    envTogether: groups?.map((group) => group.map(own)),
  });
};

const customs = fc
  .dictionary(fc.constantFrom(...CUSTOM_NAMES), custom, { minKeys: 1, maxKeys: 3 })
  .map((all) => Object.fromEntries(Object.entries(all).map(([name, one]) => [name, renamed(name, one)])));

const written = (
  annotationPrefix: string | undefined,
  providers: object,
  rules: object,
): Readonly<Record<string, unknown>> =>
  compact({ apiVersion: "podpass.dev/v1alpha1", kind: "Configuration", annotationPrefix, providers, policy: rules });

/** Of accounts that something else federates fewer pods are the plain case, so that most configurations have none of it. */
const sometimesImplied = (configuration: unknown): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(configuration) }, { weight: 1, arbitrary: withImplied(configuration) });

/**
 * A configuration file's content, and once in two times what it is changed to: providers that come, go or become others,
 * and other rules.
 */
export const changes: fc.Arbitrary<readonly [unknown, ...unknown[]]> = fc
  .record({
    prefix: maybe(fc.constantFrom("identity.example.com", "x"), 3),
    known: presets,
    own: customs,
    rules: policy,
    isChanged: fc.boolean(),
    later: customs,
    areKept: fc.constantFrom(true, true, true, false),
    areRulesKept: fc.boolean(),
    laterRules: policy,
  })
  .map(({ prefix, known, own, rules, isChanged, later, areKept, areRulesKept, laterRules }) => {
    const one = written(prefix, { ...known, ...own }, rules);
    return isChanged
      ? [one, written(prefix, { ...known, ...later, ...(areKept && own) }, areRulesKept ? rules : laterRules)]
      : [one];
  })
  .chain(([one, ...others]) => fc.tuple(sometimesImplied(one), ...others.map(sometimesImplied)));
