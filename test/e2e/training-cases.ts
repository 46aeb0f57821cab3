/** The SDKs of where models are trained. */
import { nebius } from "../cluster/relying-parties/nebius.ts";
import { wandb } from "../cluster/relying-parties/wandb.ts";
import { document, field, type SdkCase } from "./sdk-cases.ts";
import { nebiusPython, wandbPython } from "./training-programs.ts";

interface FederatedCredentials {
  readonly spec: {
    readonly oidc_provider: { readonly issuer_url: string };
    readonly federated_subject_id: string;
    readonly subject_id: string;
  };
}

const nebiusCase: SdkCase = {
  provider: "nebius",
  language: "python",
  program: nebiusPython,
  parameters: { "service-account-id": "serviceaccount-e00abc123" },
  hosts: ["tokens.iam.api.nebius.cloud", "cpl.iam.api.nebius.cloud"],
  registered: (told) => {
    const { oidc_provider, federated_subject_id } = document<FederatedCredentials>(told, "federated-credentials").spec;
    return { issuer: oidc_provider.issuer_url, audience: field(told, "audience"), subjects: [federated_subject_id] };
  },
  provide: (told, trust) => {
    const { subject_id } = document<FederatedCredentials>(told, "federated-credentials").spec;
    return [nebius({ trust, serviceAccountId: subject_id })];
  },
  prints: () => "serviceaccount-e00abc123",
};

const wandbCase: SdkCase = {
  provider: "wandb",
  language: "python",
  program: wandbPython,
  parameters: {},
  platform: () => ({ "token-audience": "my-org" }),
  hosts: ["api.forge.coreweave.com"],
  registered: (told) => ({
    issuer: field(told, "jwtIssuer"),
    audience: field(told, "audience"),
    subjects: [field(told, "subject")],
  }),
  provide: (_told, trust) => [wandb({ trust, username: "reports" })],
  prints: () => "reports",
};

/** By the name of the ServiceAccount. */
export const trainingCases: Readonly<Record<string, SdkCase>> = {
  "nebius-python": nebiusCase,
  "wandb-python": wandbCase,
};
