/** Bodies of requests for hostile pods, in every form that the API server takes. */
import { protobufPod } from "./protobuf.ts";

const MIB = 1024 * 1024;

/** A token that no policy of these tests allows, and one of which it shortens the life. */
export const FORBIDDEN = { audience: "https://nobody.example.com", expirationSeconds: 86_400, path: "token" };
export const LONG_LIVED = { audience: "https://internal.example.com", expirationSeconds: 86_400, path: "token" };

/** The body of a request for a pod of this name. */
export type MakeBody = (name: string) => string | Uint8Array;

/** A list of so many. */
export const times = <T>(size: number, make: (index: number) => T): T[] =>
  Array.from({ length: size }, (_, i) => make(i));
/** A volume of these sources. */
export const own = (sources: readonly object[]): object => ({ name: "own", projected: { sources } });
/** A volume of these tokens. */
export const tokens = (...all: object[]): object => own(all.map((serviceAccountToken) => ({ serviceAccountToken })));
/** A container that Kubernetes takes. */
export const container = (fields: object = {}): object => ({ name: "main", image: "example.com/none", ...fields });

/** Of a pod; with a forbidden token unless other volumes are given. */
export interface PodParts {
  readonly account?: string;
  readonly annotations?: object;
  readonly volumes?: readonly object[];
  readonly containers?: readonly object[];
}

/** As JSON. */
export const json =
  ({ account = "six", annotations, volumes = [tokens(FORBIDDEN)], containers = [container()] }: PodParts) =>
  (name: string): string =>
    JSON.stringify({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, annotations },
      spec: { serviceAccountName: account, automountServiceAccountToken: false, volumes, containers },
    });

/** As YAML, of which the API server makes `count` times what was sent. */
export const aliases =
  (count: number) =>
  (name: string): string =>
    `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}, spec: {serviceAccountName: six, ` +
    `volumes: [${JSON.stringify(tokens(FORBIDDEN))}], containers: [{name: main, image: example.com/none, ` +
    `command: [&a "${"x".repeat(MIB)}"], args: [${times(count, () => "*a").join(", ")}]}]}}`;

/** What {@link json} makes, as YAML. */
export const yaml = (make: (name: string) => string, name: string): string => `# YAML\n${make(name)}\n`;

/** As protobuf. */
export const protobuf =
  (containers: Uint8Array) =>
  (name: string): Uint8Array =>
    protobufPod({ name, serviceAccountName: "six", containers, ...FORBIDDEN });
