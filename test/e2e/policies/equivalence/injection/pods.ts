/** Pods of one ServiceAccount: plain ones, and such that have something where an identity goes. */
import fc from "fast-check";
import type { Settings } from "../../../../../src/configuration/settings.ts";
import { resolveFederation } from "../../../../../src/federation/federation.ts";
import type { ServiceAccount } from "../../../../../src/federation/service-account.ts";
import { compact, maybe } from "../configurations.ts";
import { type NativePodParts, nativePodParts } from "../native.ts";

const seldom = <T>(value: fc.Arbitrary<T>) => maybe(value, 20);

/** Names of variables, and paths: of the account's providers, and others. */
interface Surroundings {
  readonly names: readonly string[];
  readonly paths: readonly string[];
  readonly volumes: readonly string[];
  readonly audiences: readonly string[];
}

const surroundingsOf = (settings: Settings, account: ServiceAccount): Surroundings => {
  const { identities } = resolveFederation(account, settings);
  const of = identities.map(({ provider }) => provider);
  return {
    names: [...of.flatMap(({ env }) => env.map(({ name }) => name)), "AWS_REGION", "OWN_A"],
    paths: [
      ...of.flatMap(({ mountPath }) => [mountPath, `${mountPath}/`, `${mountPath}/below`, `${mountPath}-beside`]),
      ...of.map(({ mountPath }) => mountPath.replace(/^\/var/u, "")),
      "/var/run",
      "/var//run",
      "/",
    ],
    volumes: [...of.map(({ name }) => `podpass-${name}`), "podpass-nobody"],
    audiences: [...identities.map(({ audience }) => audience), "b", "nobody's", ""].slice(0, 8),
  };
};

/** Nothing of it is where an identity goes. */
const ELSEWHERE: Surroundings = {
  names: ["B", "own_a"],
  paths: ["/tmp/.cache", "/var/runaway", "/opt/it's \\ 😀"],
  volumes: ["v9"],
  audiences: [""],
};

const variablesOf = ({ names }: Surroundings) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(undefined, null, []) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        [{ name: "A", value: "$(B)" }],
        [{ name: "A", value: "" }, { name: "B" }, { name: "A", value: "2" }],
        [{ name: "N", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
      ),
    },
    { weight: 1, arbitrary: fc.constantFrom(...names).map((name) => [{ name, value: "own" }]) },
  );

const mountsOf = ({ paths }: Surroundings) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(undefined, null, []) },
    { weight: 3, arbitrary: fc.constantFrom([{ name: "v0", mountPath: "/data" }]) },
    { weight: 1, arbitrary: fc.constantFrom(...paths).map((mountPath) => [{ name: "v0", mountPath }]) },
  );

const containerOf = (around: Surroundings) =>
  fc
    .record({
      env: variablesOf(around),
      volumeMounts: mountsOf(around),
      envFrom: seldom(fc.constant([{ configMapRef: { name: "c" } }])),
      securityContext: seldom(fc.constantFrom({}, { runAsUser: 1 }, { windowsOptions: {} })),
    })
    .map((fields) => compact({ image: "example.com/none", ...fields }));

const containersOf = (around: Surroundings, prefix: string, minLength: number) =>
  fc
    .array(fc.tuple(containerOf(around), fc.constantFrom<object>({}, { restartPolicy: "Always" })), {
      minLength,
      maxLength: 2,
    })
    .map((list) =>
      list.map(([one, restart], index) => ({ name: `${prefix}${index}`, ...one, ...(prefix === "i" ? restart : {}) })),
    );

const sourcesOf = ({ audiences }: Surroundings) =>
  fc
    .constantFrom(...audiences)
    .chain((audience) =>
      fc.constantFrom<readonly object[] | null>(
        [{ serviceAccountToken: { audience, path: "token" } }],
        [{ serviceAccountToken: { audience, path: "t", expirationSeconds: 9000 } }, { configMap: { name: "c" } }],
        [{ downwardAPI: { items: [{ path: "l", fieldRef: { fieldPath: "metadata.labels" } }] } }],
        [],
        null,
      ),
    );

const volumesOf = (around: Surroundings) =>
  fc
    .record({
      first: fc.constantFrom<object>({ emptyDir: {} }, { projected: {} }, { configMap: { name: "c" } }),
      sources: maybe(sourcesOf(around), 4),
      taken: seldom(fc.constantFrom(...around.volumes)),
    })
    .map(({ first, sources, taken }) => [
      { name: "v0", ...first },
      ...(sources === undefined ? [] : [{ name: "v1", projected: { sources } }]),
      ...(taken === undefined ? [] : [{ name: taken, emptyDir: {} }]),
    ]);

const annotationsOf = ({ annotationPrefix: prefix, providers }: Settings) => {
  const names = [...providers.keys()];
  return fc
    .record({
      mark: seldom(
        fc.oneof(
          fc.constantFrom("", "nobody", "x".repeat(90)),
          fc.subarray(names).map((list) => list.join(",")),
        ),
      ),
      inject: seldom(fc.constantFrom("false", " ", "no")),
      only: seldom(fc.constantFrom("c0", "nobody", " ,")),
      seconds: seldom(fc.constantFrom("900", "")),
      file: seldom(fc.constant("{}")),
      name: fc.constantFrom(...names),
    })
    .map(({ mark, inject, only, seconds, file, name }) => ({
      note: "b",
      ...compact({
        [`${prefix}/injected`]: mark,
        [`${prefix}/inject`]: inject,
        [`${prefix}/only-containers`]: only,
        [`${name}.${prefix}/expiration-seconds`]: seconds,
        [`${name}.${prefix}/x.json`]: file,
      }),
    }));
};

const EVERYTHING = [
  { os: { name: "windows" } },
  { os: { name: "linux" } },
  { nodeSelector: { "kubernetes.io/os": "windows" } },
  { nodeSelector: { "kubernetes.io/os": "linux" } },
  { automountServiceAccountToken: true },
] as const;

const metadataWith = (annotations: object | null | undefined, vendors: NativePodParts): object => ({
  ...(Object.keys(vendors.labels).length > 0 && { labels: vendors.labels }),
  ...(Object.keys(vendors.annotations).length > 0
    ? { annotations: { ...annotations, ...vendors.annotations } }
    : annotations !== undefined && { annotations }),
});

const written = (settings: Settings, around: Surroundings): fc.Arbitrary<object> =>
  fc
    .record({
      annotations: fc.oneof(fc.constantFrom(undefined, null, {}), annotationsOf(settings)),
      vendors: nativePodParts(settings),
      volumes: volumesOf(around),
      containers: containersOf(around, "c", 1),
      initContainers: fc.oneof(fc.constantFrom(undefined, null, []), containersOf(around, "i", 0)),
      automountServiceAccountToken: fc.constantFrom(undefined, false),
      rest: seldom(fc.constantFrom<object>(...EVERYTHING)),
    })
    .map(({ annotations, vendors, rest, ...spec }) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "my-pod", ...metadataWith(annotations, vendors) },
      spec: { ...compact(spec), ...rest },
    }));

/** Pods of `account`; in most of them nothing is in the way. */
export const podsFor = (settings: Settings, account: ServiceAccount): fc.Arbitrary<object> =>
  fc.oneof(
    { weight: 2, arbitrary: written(settings, ELSEWHERE) },
    { weight: 1, arbitrary: written(settings, surroundingsOf(settings, account)) },
  );
