/** The pods of the contract: a token, and a file of the downward API beside it. */
import type { Container, Pod, ProjectedSource } from "../node/pod.ts";
import type { ContractPod } from "./contract-nodes.ts";

/** Whom the token is for. */
export const audience = "https://api.example.com";
/** Where both files are. */
export const mountPath = "/var/run/secrets/tokens";
/** What is in the file of the downward API. */
export const annotation = "example.com/client.json";
const fieldPath = `metadata.annotations['${annotation}']`;

/** What a row says of its pod. */
export interface IdentityParts {
  /** One, `main`, by default. */
  readonly containers?: readonly Omit<Container, "command">[];
  readonly spec?: Partial<Pod["spec"]>;
  readonly defaultMode?: number;
  readonly expirationSeconds?: number;
}

/** A pod with a token and a file of the downward API in one volume, which all of its containers mount. */
export const identityPod = (name: string, parts: IdentityParts = {}): ContractPod => {
  const { containers = [{ name: "main" }], spec, defaultMode, expirationSeconds } = parts;
  const token = { audience, path: "token", ...(expirationSeconds === undefined ? {} : { expirationSeconds }) };
  const sources: ProjectedSource[] = [
    { serviceAccountToken: token },
    { downwardAPI: { items: [{ path: "client.json", fieldRef: { fieldPath } }] } },
  ];
  const projected = defaultMode === undefined ? { sources } : { sources, defaultMode };
  const volumeMounts = [{ name: "identity", mountPath, readOnly: true }];
  return {
    name,
    annotations: { [annotation]: "before" },
    spec: {
      ...spec,
      volumes: [{ name: "identity", projected }],
      containers: containers.map((container) => ({ ...container, volumeMounts })),
    },
  };
};
