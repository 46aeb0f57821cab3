/** Pods of one ServiceAccount: written by hand, copied from live ones, and forged. */
import fc from "fast-check";
import type { Settings } from "../../../../src/configuration/settings.ts";
import { resolveFederation } from "../../../../src/federation/federation.ts";
import type { ServiceAccount } from "../../../../src/federation/service-account.ts";
import { compact, maybe } from "./configurations.ts";
import { nativePodParts } from "./native.ts";

/** What is written, and what is done with it before it is sent. */
export interface WrittenPod {
  /** What vendors' webhooks look at. */
  readonly vendors: { readonly labels: object; readonly annotations: object };
  readonly annotations: Readonly<Record<string, string>> | null | undefined;
  readonly volumes: readonly object[] | null | undefined;
  /** Undefined: none is named. */
  readonly account: string | undefined;
  /** Made of a pod that went through the webhook, with one thing in it changed. */
  readonly copied: "no" | "whole" | "without its volumes" | "for another audience" | "with another mark";
  /** Named in the mark of a copy. */
  readonly stranger: string;
}

const ODD_AUDIENCES = [
  "",
  "a",
  "b",
  "A",
  "ab",
  "own 😀",
  "https://vault.example.com",
  "https://internal.example.com",
  "https://x.example.com\n",
  'it\'s \\ "$x" `',
  "😀/v",
  "sts.amazonaws.com",
  "\u001b[31mred",
  "x".repeat(300),
  "é".repeat(90),
  "😀".repeat(1024),
];

const audiencesFor = (settings: Settings, account: ServiceAccount): fc.Arbitrary<string | null | undefined> => {
  const own = resolveFederation(account, settings).identities.map(({ audience }) => audience);
  return fc.oneof(
    { weight: 3, arbitrary: own.length === 0 ? fc.constant(undefined) : fc.constantFrom(...own) },
    { weight: 3, arbitrary: fc.constantFrom(...ODD_AUDIENCES) },
    { weight: 1, arbitrary: fc.constantFrom(null, undefined) },
  );
};

const SECONDS = [undefined, null, 600, 601, 1199, 1200, 3600, 3607, 7200, 86_401, 2 ** 32];

const sourcesFor = (settings: Settings, account: ServiceAccount) => {
  const token = fc
    .record({ audience: audiencesFor(settings, account), expirationSeconds: fc.constantFrom(...SECONDS) })
    .map((fields) => ({ kind: "token" as const, fields }));
  const other = fc.constantFrom(
    { kind: "other" as const, fields: { configMap: { name: "c" } } },
    { kind: "other" as const, fields: { configMap: { name: "c", items: null } } },
    { kind: "other" as const, fields: { serviceAccountToken: null, secret: { name: "s" } } },
    { kind: "other" as const, fields: { downwardAPI: {} } },
  );
  return fc
    .array(fc.oneof({ weight: 4, arbitrary: token }, other), { minLength: 1, maxLength: 3 })
    .map((list) =>
      list.map(({ kind, fields }, index) =>
        kind === "other"
          ? fields
          : { serviceAccountToken: { ...compact(fields), path: index === 0 ? "token" : `t${index}` } },
      ),
    );
};

const volumesFor = (settings: Settings, account: ServiceAccount) => {
  const volume = fc.oneof(
    { weight: 5, arbitrary: sourcesFor(settings, account).map((sources) => ({ projected: { sources } })) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<object>(
        { emptyDir: {} },
        { projected: {} },
        { projected: { sources: null } },
        { projected: { sources: [] } },
        { projected: null, emptyDir: {} },
      ),
    },
  );
  return fc.array(volume, { maxLength: 3 }).map((list) => list.map((kind, index) => ({ name: `v${index}`, ...kind })));
};

const annotationsFor = ({ annotationPrefix: prefix, providers }: Settings, account: ServiceAccount) => {
  const names = [...(account.annotations.get(`${prefix}/federate`)?.split(",", 3) ?? []), ...providers.keys()];
  const mark = fc.oneof(
    fc.constantFrom("", ",", "nobody", " ", "a'b\\", "😀", `${names[0]}, ${names[0]}`, "x".repeat(90)),
    fc.subarray(names).map((list) => list.join(",")),
  );
  return fc
    .record({
      mark: maybe(mark),
      inject: fc.constantFrom(undefined, undefined, undefined, "false", "False", " false", "no"),
      other: maybe(fc.constant("b")),
    })
    .map(({ mark: injected, inject, other }) =>
      compact({ [`${prefix}/injected`]: injected, [`${prefix}/inject`]: inject, note: other }),
    ) as fc.Arbitrary<Readonly<Record<string, string>>>;
};

const manyTokens = (count: number): readonly object[] =>
  Array.from({ length: count }, (_, index) => ({ serviceAccountToken: { audience: "b", path: `t${index}` } }));

/** Near and beyond the bounds of what a pod projects. The API server adds a token of its own, and copies have some more. */
const LARGE: readonly (readonly object[])[] = [
  [{ name: "large", projected: { sources: [{ serviceAccountToken: { audience: "b".repeat(1025), path: "t" } }] } }],
  [{ name: "large", projected: { sources: manyTokens(80) } }],
  [{ name: "large", projected: { sources: manyTokens(101) } }],
  [
    { name: "large", projected: { sources: manyTokens(60) } },
    { name: "larger", projected: { sources: manyTokens(60) } },
  ],
];

/** Pods of `account`. */
export const podsOf = (settings: Settings, account: ServiceAccount): fc.Arbitrary<WrittenPod> =>
  fc.record({
    vendors: nativePodParts(settings),
    annotations: fc.oneof(
      { weight: 6, arbitrary: annotationsFor(settings, account) },
      fc.constantFrom(null, undefined, {}),
    ),
    volumes: fc.oneof(
      { weight: 16, arbitrary: volumesFor(settings, account) },
      { weight: 2, arbitrary: fc.constantFrom(null, undefined) },
      { weight: 1, arbitrary: fc.constantFrom(...LARGE) },
    ),
    account: fc.oneof({ weight: 15, arbitrary: fc.constant(account.name) }, fc.constantFrom("default", undefined)),
    copied: fc.constantFrom(
      "no",
      "no",
      "no",
      "whole",
      "without its volumes",
      "for another audience",
      "with another mark",
    ),
    stranger: fc.constantFrom(...settings.providers.keys(), "nobody"),
  });
