/** Bodies that are no review of a pod's creation, or of a pod that no API server would send. */
import { POD_OF_ALL } from "../support/hostile-pods.ts";
import { bodyOf } from "./hostile-reviews.ts";

// biome-ignore lint/suspicious/noExplicitAny: it breaks any JSON.
type Any = any;

const MIB = 1024 * 1024;

const review = (change: (review: Any) => void): string => {
  const changed = JSON.parse(bodyOf("odd", POD_OF_ALL));
  change(changed);
  return JSON.stringify(changed);
};

/** Nothing of the request stands before an object that is larger than any that is read. */
const objectFirst = (): string => {
  const { request, ...rest } = JSON.parse(bodyOf("odd", POD_OF_ALL));
  const { object, ...others } = request;
  object.spec.containers[0].args = ["x".repeat(9 * MIB)];
  return JSON.stringify({ request: { object, ...others }, ...rest });
};

/** Bodies to be answered with anything but a fault. */
export const NO_REVIEWS: readonly (string | Buffer)[] = [
  "",
  " ",
  "null",
  "[]",
  "{}",
  '"AdmissionReview"',
  "\ufeff{}",
  '{"request":{}}',
  "{".repeat(MIB),
  "[".repeat(90_000),
  `${"[".repeat(90_000)}${"]".repeat(90_000)}`,
  '{"a":'.repeat(99_000),
  `"${"\\".repeat(MIB)}`,
  `"${"\\u003".repeat(MIB)}`,
  " ".repeat(10 * MIB),
  ",".repeat(10 * MIB),
  '"'.repeat(MIB),
  Buffer.alloc(9 * MIB, 0xff),
  Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
  objectFirst(),
  review((body) => (body.apiVersion = "admission.k8s.io/v1beta1")),
  review((body) => (body.kind = "A".repeat(9 * MIB))),
  review((body) => (body.request = [body.request])),
  review((body) => (body.request.uid = "u".repeat(9 * MIB))),
  review((body) => (body.request.uid = { a: 1 })),
  review((body) => (body.request.namespace = "")),
  review((body) => (body.request.namespace = "n".repeat(100_000))),
  review((body) => (body.request.operation = "UPDATE")),
  review((body) => (body.request.subResource = "ephemeralcontainers")),
  review((body) => (body.request.resource = null)),
  review((body) => (body.request.userInfo = { groups: Array.from({ length: 50_000 }, () => "g") })),
];

const WRONG: readonly unknown[] = [null, 5, "x", [], {}, [null], true];

/** Every review that comes out when one value of a pod is of another type. */
export const brokenPods = (): readonly string[] => {
  const bodies: string[] = [];
  const walk = (at: Any): void => {
    for (const key of Object.keys(at)) {
      const right = at[key];
      for (const value of WRONG) {
        at[key] = value;
        bodies.push(bodyOf("odd", pod));
      }
      at[key] = right;
      if (typeof right === "object" && right !== null) walk(right);
    }
  };
  const pod = structuredClone(POD_OF_ALL);
  walk(pod);
  return bodies;
};
