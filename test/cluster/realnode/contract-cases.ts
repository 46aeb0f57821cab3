/** The rows of the contract. */
import { audience, type IdentityParts } from "./contract-pods.ts";

interface ModeCase extends IdentityParts {
  /** Owner, group and mode of the token and of the file of the downward API. */
  readonly token: string;
  readonly file: string;
}

const runAs = (name: string, runAsUser: number) => ({ name, securityContext: { runAsUser } });
const twoUsers = [runAs("main", 65_532), runAs("other", 1_000)];

/** By what the pod has. */
export const modeCases: Readonly<Record<string, ModeCase>> = {
  "no user and no group": { token: "0:0 644", file: "0:0 644" },
  "a user": {
    spec: { securityContext: { runAsUser: 65_532 } },
    token: "65532:0 600",
    file: "0:0 644",
  },
  "a user of its containers": {
    containers: [runAs("main", 1_234), runAs("other", 1_234)],
    token: "1234:0 600",
    file: "0:0 644",
  },
  "a group": {
    spec: { securityContext: { fsGroup: 2_000 } },
    token: "0:2000 640",
    file: "0:2000 644",
  },
  "a user and a group": {
    spec: { securityContext: { runAsUser: 65_532, fsGroup: 2_000 } },
    token: "65532:2000 640",
    file: "0:2000 644",
  },
  "two users": { containers: twoUsers, token: "0:0 644", file: "0:0 644" },
  "one container with a user": {
    containers: [runAs("main", 1_234), { name: "other" }],
    token: "0:0 644",
    file: "0:0 644",
  },
  "a user, and a defaultMode": {
    spec: { securityContext: { runAsUser: 65_532 } },
    defaultMode: 0o440,
    token: "65532:0 600",
    file: "0:0 440",
  },
  "two users, and a defaultMode": { containers: twoUsers, defaultMode: 0o400, token: "0:0 400", file: "0:0 400" },
};

interface TokenCase {
  readonly audiences: readonly string[];
  readonly account?: string;
  readonly bound?: "here" | "elsewhere";
  readonly status: number;
  readonly message?: RegExp;
}

// As Kubernetes says it up to 1.36, and since.
const refusalOf = (audience: string): RegExp => {
  const quoted = `"${audience.replaceAll(".", "\\.")}"`;
  return new RegExp(
    `audience ${quoted} not found in pod spec volume|not authorized to request tokens for audience ${quoted}`,
    "u",
  );
};

/** By what the node asks for, with its own credentials. */
export const tokenCases: Readonly<Record<string, TokenCase>> = {
  "the audience of the pod's volume": { audiences: [audience], bound: "here", status: 201 },
  "another audience": {
    audiences: ["sts.amazonaws.com"],
    bound: "here",
    status: 403,
    message: refusalOf("sts.amazonaws.com"),
  },
  "no audience": {
    audiences: [],
    bound: "here",
    status: 403,
    message: refusalOf(""),
  },
  "no pod": { audiences: [audience], status: 403, message: /not bound to a pod/u },
  "a pod of another node": {
    audiences: [audience],
    bound: "elsewhere",
    status: 403,
    message: /bound to a pod scheduled on a different node/u,
  },
  "an account that no pod here has": {
    audiences: [audience],
    account: "default",
    bound: "here",
    status: 403,
    message: /no relationship found between node/u,
  },
};
