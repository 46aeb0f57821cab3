import type { Preset } from "../provider-spec.ts";

/** Weights & Biases identity federation: the Python SDK and its core. */
export const wandb: Preset = {
  name: "wandb",
  title: "Weights & Biases",
  description: "A user or a service account of a W&B organization by its JWT issuer.",
  support: "env",
  documentation: "https://docs.wandb.ai/platform/hosting/iam/identity_federation",
  token: {
    audience: "${parameter.token-audience}",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
  },
  parameters: {
    "token-audience": {
      description: "The name of the W&B organization; on a server of one's own `wandb` does, too.",
      required: true,
      scope: "platform",
      pattern: "^[^\\s\\p{Z}\\p{Cf}]+$",
      example: "my-org",
    },
    "base-url": {
      description: "The W&B server that the token is sent to; without it W&B's own cloud.",
      scope: "platform",
      pattern: "^https?://[^\\s\\p{Z}\\p{Cf}/?#@]+(/[^\\s\\p{Z}\\p{Cf}?#]*)?$",
      example: "https://wandb.example.com",
    },
    "credentials-file": {
      description: "A writable file in which the SDK keeps its access token.",
      pattern: "^/[^\\s\\p{Z}\\p{Cf}]+$",
      default: "/tmp/wandb-credentials.json",
      example: "/scratch/wandb-credentials.json",
    },
  },
  env: {
    WANDB_IDENTITY_TOKEN_FILE: "${token.file}",
    // The SDK's default is under $HOME, which a container often cannot write to.
    WANDB_CREDENTIALS_FILE: "${parameter.credentials-file}",
    WANDB_BASE_URL: "${parameter.base-url}",
  },
  shadowedBy: ["WANDB_API_KEY"],
  notes: [
    "The SDK writes its access token into credentials-file, by default in /tmp. With a read-only root file system, mount an emptyDir there or name a writable place; older SDKs fail where they cannot write.",
    "Without base-url the SDK (0.31.0) sends the token to api.forge.coreweave.com; older ones (0.28.1) to api.wandb.ai.",
    "With WANDB_API_KEY set as well, the SDK (0.31.0) fails.",
    "Some older SDKs log runs with the identity, but wandb.Api refuses it.",
    "Identity federation is in preview and needs an Enterprise licence.",
  ],
  seenWith: [{ registry: "PyPI", sdk: "wandb", version: "0.31.0" }],
  unverified: ["W&B itself was not asked.", "Names of organizations with white space, which the audience cannot have."],
  trust: {
    keys: "discovery",
    fields: { jwtIssuer: "${issuer}", audience: "${audience}", subject: "${subject}" },
    steps: [
      {
        title: "Set the cluster as the organization's JWT issuer.",
        once: true,
        place: "the organization's dashboard, Settings, Authentication, Set up JWT Issuer",
        form: { "JWT issuer URL": "${issuer}" },
      },
      {
        title: "Create a service account that stands for the ServiceAccount.",
        place: "the team's Service Accounts, New service account",
        form: { Name: "${account.slug}", "Authentication Method": "Federated Identity", Subject: "${subject}" },
      },
    ],
    notes: ["W&B takes any subject there and compares it byte by byte, so that only a login shows a mistake."],
    unverified: ["The dashboard was not seen."],
  },
};
