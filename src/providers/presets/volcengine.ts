import type { Preset } from "../provider-spec.ts";

/** Volcengine (BytePlus): AssumeRoleWithOIDC, as its SDK for Python finds it by itself. */
export const volcengine: Preset = {
  name: "volcengine",
  title: "Volcengine",
  description: "A role of Volcengine by AssumeRoleWithOIDC.",
  support: "env",
  documentation: "https://github.com/volcengine/volcengine-python-sdk",
  token: {
    audience: "sts.volcengine.com",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
    mountPath: "/var/run/secrets/vke.volcengine.com/irsa-tokens",
    fileName: "token",
  },
  parameters: {
    "role-trn": {
      description: "The role that the pod assumes.",
      required: true,
      pattern: "^trn:iam::[0-9]+:role/[\\w+=,.@/-]+$",
      example: "trn:iam::2100000000:role/my-api",
    },
    "session-name": {
      description: "The name of the role session.",
      pattern: "^[\\w+=,.@-]{2,64}$",
      example: "my-api",
    },
    "sts-endpoint": {
      description: "The host of the STS endpoint, for SDKs that read it.",
      scope: "platform",
      pattern: "^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$",
      example: "sts.volcengineapi.com",
    },
  },
  env: {
    VOLCENGINE_OIDC_ROLE_TRN: "${parameter.role-trn}",
    VOLCENGINE_OIDC_TOKEN_FILE: "${token.file}",
    VOLCENGINE_OIDC_ROLE_SESSION_NAME: "${parameter.session-name}",
    VOLCENGINE_OIDC_STS_ENDPOINT: "${parameter.sts-endpoint}",
  },
  shadowedBy: ["VOLCENGINE_ACCESS_KEY"],
  seenWith: [{ registry: "PyPI", sdk: "volcenginesdk-core", version: "5.0.54" }],
  notes: [
    "The SDK for Python (volcenginesdkcore 5.0.54) asks static keys, then this identity, by itself; in the SDK for Go (1.1.35) a program has to call NewOIDCCredentialsProviderFromEnv.",
    "VOLCENGINE_OIDC_STS_ENDPOINT is read by the SDK for Go only; that for Python sends the token to sts.volcengineapi.com.",
  ],
  unverified: ["The SDK for Go was read only.", "The form of a role's TRN: the service was a stand-in."],
  trust: {
    keys: "discovery",
    fields: {
      issuer: "${issuer}",
      clientId: "${audience}",
      subject: "${subject}",
      roleTrn: "${parameter.role-trn}",
    },
    steps: [
      {
        title: "Create an identity provider.",
        once: true,
        place: "IAM, Identity Providers, OIDC",
        form: { "Issuer URL": "${issuer}", "Client ID": "${audience}" },
      },
      {
        title: "Create the role with this provider as the trusted one.",
        place: "IAM, Roles",
        form: { "oidc:aud": "${audience}", "oidc:sub": "${subject}" },
      },
    ],
    unverified: ["The console was not seen."],
  },
};
