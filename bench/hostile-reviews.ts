/** Reviews as an attacker makes them: the dearest that Podpass reads, and those beyond its bounds. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One of them. */
export interface HostileReview {
  readonly name: string;
  readonly body: Buffer;
}

const many = <Item>(count: number, item: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => item(index));

const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, "../test/data/admission-reviews/deployment.json"), "utf8"),
);

/** As the API server writes it: `<`, `>` and `&` are six bytes each. */
const goJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);

const review = (spec: object, annotations: object = {}): Buffer => {
  const copy = structuredClone(recorded);
  const { object } = copy.request;
  Object.assign(object.spec, spec);
  object.metadata.annotations = { ...object.metadata.annotations, ...annotations };
  return Buffer.from(goJson(copy));
};

const container = (index: number, more: object = {}): object => ({ name: `c${index}`, image: "i", ...more });
const token = (audience: string, index: number): object => ({
  serviceAccountToken: { audience, expirationSeconds: 86_400, path: `t${index}` },
});
const volume = (index: number, sources: readonly object[]): object => ({ name: `v${index}`, projected: { sources } });
const AWS = "/var/run/secrets/eks.amazonaws.com/serviceaccount";

/** Within the bounds, and as dear as each of them allows. */
export const WITHIN_BOUNDS: readonly HostileReview[] = [
  {
    name: "8 MiB in one text",
    body: review({ containers: [container(0, { args: ["x".repeat(7.9 * 1024 * 1024)] })] }),
  },
  { name: "18 MiB of `<`", body: review({ containers: [container(0, { args: ["<".repeat(3 * 1024 * 1024)] })] }) },
  { name: "99,000 values", body: review({ tolerations: many(49_000, () => ({ key: "" })) }) },
  {
    name: "1,000 containers, all different",
    body: review({
      containers: many(1000, (index) =>
        container(index, {
          env: [{ name: "AWS_ROLE_ARN", value: `r${index}` }],
          volumeMounts: many(9, (at) => ({ name: "v", mountPath: `/var/run/secrets/${"x/".repeat(at)}${index}` })),
        }),
      ),
    }),
  },
  {
    name: "10,000 mounts at one path, of one volume with 5,000 sources",
    body: review({
      volumes: [
        volume(
          0,
          many(4990, () => ({})),
        ),
      ],
      containers: many(10, (index) =>
        container(index, { volumeMounts: many(1000, () => ({ name: "v0", mountPath: AWS })) }),
      ),
    }),
  },
  {
    name: "10,000 mount paths of 600 characters that have to be normalised",
    body: review({
      containers: [
        container(0, {
          volumeMounts: many(10_000, (index) => ({ name: "v", mountPath: `${`${AWS}/../`.repeat(10)}${index}` })),
        }),
      ],
    }),
  },
  {
    name: "20,000 variables",
    body: review({
      containers: many(20, (index) => container(index, { env: many(1000, (at) => ({ name: `V${at}`, value: "x" })) })),
    }),
  },
  {
    name: "100 forbidden tokens",
    body: review({
      volumes: many(10, (index) =>
        volume(
          index,
          many(10, (at) => token("a".repeat(1024), at)),
        ),
      ),
    }),
  },
  {
    name: "1,000 keys under the prefix, 1,000 names in a list",
    body: review(
      {},
      {
        ...Object.fromEntries(many(990, (index) => [`x${index}.podpass.dev/y`, "z"])),
        "podpass.dev/skip-containers": many(1000, (index) => `c${index}`).join(),
      },
    ),
  },
];

/** Beyond a bound. */
export const BEYOND_BOUNDS: readonly HostileReview[] = [
  {
    name: "a mount path of 100,000 slashes",
    body: review({
      containers: [container(0, { volumeMounts: [{ name: "v", mountPath: `${"/".repeat(100_000)}${AWS}` }] })],
    }),
  },
  { name: "50,000 containers", body: review({ containers: many(50_000, (index) => container(index)) }) },
  {
    name: "1,000,000 sources `{}`",
    body: review({
      volumes: [
        volume(
          0,
          many(1_000_000, () => ({})),
        ),
      ],
    }),
  },
  {
    name: "60,000 forbidden tokens",
    body: review({
      volumes: [
        volume(
          0,
          many(60_000, (index) => token("evil", index)),
        ),
      ],
    }),
  },
  {
    name: "600,000 names in a list",
    body: review({}, { "podpass.dev/skip-containers": many(600_000, (index) => `c${index}`).join() }),
  },
  {
    name: "64 MiB in one text",
    body: review({ containers: [container(0, { args: ["x".repeat(64 * 1024 * 1024)] })] }),
  },
];
