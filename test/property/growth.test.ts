/**
 * What a pod costs grows with its size and no faster, whatever of it is large. What is made large is found, not listed:
 * every list, mapping and text of a pod that has everything which Podpass reads.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { respond } from "../../src/admission/respond.ts";
import { decide } from "../../src/decision/decide.ts";
import { readPod } from "../../src/pod/pod.ts";
import { serviceAccount, settingsOf } from "../support/pods.ts";
import { threadMs } from "../support/thread-time.ts";

const AWS = "/var/run/secrets/eks.amazonaws.com/serviceaccount";

const POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: "my-pod",
    generateName: "my-",
    labels: { app: "my-app" },
    annotations: { "podpass.dev/skip-containers": "a, b", "aws.podpass.dev/only-containers": "app", note: "x" },
  },
  spec: {
    serviceAccountName: "my-api",
    serviceAccount: "my-api",
    os: { name: "" },
    nodeSelector: { "kubernetes.io/os": "linux" },
    securityContext: { windowsOptions: { hostProcess: false } },
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "kubernetes.io/os", operator: "In", values: ["windows", "linux"] }] },
          ],
        },
      },
    },
    volumes: [
      {
        name: "own",
        projected: {
          defaultMode: 420,
          sources: [
            { serviceAccountToken: { audience: "sts.amazonaws.com", expirationSeconds: 86_400, path: "token" } },
            {
              downwardAPI: {
                items: [{ path: "note", fieldRef: { apiVersion: "v1", fieldPath: "metadata.annotations['note']" } }],
              },
            },
            { configMap: { name: "more", items: [{ key: "k", path: "k" }] } },
          ],
        },
      },
    ],
    initContainers: [{ name: "init", image: "i" }],
    containers: [
      {
        name: "app",
        image: "i",
        args: ["x"],
        env: [
          { name: "AWS_WEB_IDENTITY_TOKEN_FILE", value: `${AWS}/token` },
          { name: "AWS_ACCESS_KEY_ID", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
        ],
        envFrom: [{ prefix: "AWS_", configMapRef: { name: "more" } }, { secretRef: { name: "s" } }],
        volumeMounts: [
          { name: "own", mountPath: AWS, readOnly: true, mountPropagation: "None" },
          { name: "own", mountPath: "/var/run/secrets/tokens", subPath: "x", subPathExpr: "y" },
        ],
        volumeDevices: [{ name: "device", devicePath: "/dev/x" }],
      },
    ],
  },
};

const ACCOUNT = serviceAccount({
  "podpass.dev/federate": "aws, gcp, openai, enkryptify",
  "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/my-api",
  "gcp.podpass.dev/workload-identity-provider": "projects/1/locations/global/workloadIdentityPools/p/providers/x",
  "openai.podpass.dev/identity-provider-id": "idp_1",
  "openai.podpass.dev/service-account-id": "user-1",
});
const SETTINGS = settingsOf(`policy:
  enforcement: Enforce
  podOverrides: [expiration-seconds]
  tokens: { expirationSeconds: { max: 7200 }, audiences: { allow: ["a*b*c", "https://*.example.com"] } }
`);

type Path = readonly (string | number)[];
// biome-ignore lint/suspicious/noExplicitAny: it walks any JSON.
type Any = any;

/** Every place of `value` that can be made large. */
const places = (value: unknown, path: Path = []): readonly Path[] => {
  if (typeof value === "string") return [path];
  if (typeof value !== "object" || value === null) return [];
  return [path, ...Object.entries(value).flatMap(([key, item]) => places(item, [...path, key]))];
};

const PLACES = places(POD).filter(([first]) => first === "metadata" || first === "spec");
const show = (path: Path): string => path.join(".");

/** What the item or key number `index` is called, so that Kubernetes would take both. */
const renamed = (item: Any, index: number): Any => {
  const copy = structuredClone(item);
  if (typeof copy?.name === "string" && index > 0) copy.name = `${copy.name}-${index}`;
  return copy;
};

const large = (value: Any, times: number): Any => {
  if (typeof value === "string") return value.repeat(times);
  if (Array.isArray(value))
    return Array.from({ length: times }, (_, index) => renamed(value[index % value.length], index));
  const keys = Object.entries(value as object);
  return {
    ...value,
    ...Object.fromEntries(
      Array.from({ length: times }, (_, index) => {
        const [key, item] = keys[index % keys.length] ?? ["", ""];
        return [`x${index}.${key}`, item];
      }),
    ),
  };
};

/** The pod with what lies at `paths` made `times` larger; those further down first, so that all of it is. */
const podWithLarge = (paths: readonly Path[], times: number): object => {
  const pod: Any = structuredClone(POD);
  for (const path of paths.toSorted((one, other) => other.length - one.length)) {
    const parent = path.slice(0, -1).reduce((at, step) => at[step], pod);
    const last = path.at(-1) ?? "";
    parent[last] = large(parent[last], times);
  }
  return pod;
};

const answer = (value: object): void => {
  const read = readPod(value);
  if ("problem" in read) throw new Error(read.problem);
  const { pod } = read;
  respond("uid", decide({ pod, namespace: "production", serviceAccount: ACCOUNT, settings: SETTINGS }));
};

/**
 * Milliseconds an answer, from as many as take `forMs`: the kernel counts a thread's time in steps of up to 4 ms, so that
 * one short answer can seem to cost nothing, or twice what it did.
 */
const cost = (pod: object, forMs: number): number => {
  const startMs = threadMs();
  for (let answers = 1; ; answers++) {
    answer(pod);
    const spent = threadMs() - startMs;
    if (spent >= forMs) return spent / answers;
  }
};

/** Below this a measurement is noise. */
const NOISE_MS = 2;

/** What seems to grow faster after the first of these is measured for as long as the next: only what does stays so. */
const MEASURED_FOR_MS = [4, 150, 1500];

const expectsLinear = (paths: readonly Path[], times: number): void => {
  const [small, big] = [podWithLarge(paths, times), podWithLarge(paths, times * 4)];
  const growth = JSON.stringify(big).length / JSON.stringify(small).length;
  const measured: string[] = [];
  for (const forMs of MEASURED_FOR_MS) {
    const [smallMs, bigMs] = [cost(small, forMs), cost(big, forMs)];
    if (bigMs < Math.max(smallMs, NOISE_MS) * growth * 3) return;
    measured.push(`${smallMs} ms, ${growth} times as large ${bigMs} ms`);
  }
  expect.fail(`${paths.map(show).join(" and ")}: ${measured.join("; ")}`);
};

describe("the cost of a pod grows with its size", () => {
  it("has everything in its pod that Podpass reads of one", () => {
    const source = readFileSync(new URL("../../src/pod/pod.ts", import.meta.url), "utf8");
    const fields = [...source.matchAll(/readonly (\w+)\??:/g)].map(([, name]) => name);
    const text = JSON.stringify(POD);
    const notFields = new Set(["pod", "problem", "list", "index", "container"]);
    expect(fields.filter((name) => !notFields.has(name ?? "") && !text.includes(`"${name}":`))).toEqual([]);
  });

  it.each(PLACES.map((path) => [show(path), path] as const))("%s", (_name, path) => {
    expectsLinear([path], 240);
    expectsLinear([path], 25_000);
  });

  it.each(PLACES.map((path, index) => [show(path), index] as const))("%s and any other", (_name, index) => {
    const [one = []] = PLACES.slice(index);
    for (const other of PLACES.slice(index + 1)) expectsLinear([one, other], 16);
  });
});
