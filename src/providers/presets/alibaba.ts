import type { Preset } from "../provider-spec.ts";

/** Alibaba Cloud RRSA, AssumeRoleWithOIDC. */
export const alibaba: Preset = {
  name: "alibaba",
  title: "Alibaba Cloud",
  description: "A RAM role by AssumeRoleWithOIDC (RRSA).",
  support: "env",
  documentation:
    "https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/use-rrsa-to-authorize-pods-to-access-different-cloud-services",
  token: {
    audience: "sts.aliyuncs.com",
    expirationSeconds: { default: 3600, min: 600, max: 43200 },
    mountPath: "/var/run/secrets/ack.alibabacloud.com/rrsa-tokens",
    fileName: "token",
  },
  parameters: {
    "role-arn": {
      description: "The RAM role that the pod assumes.",
      required: true,
      pattern: "^acs:ram::[0-9]+:role/[\\w.-]+$",
      example: "acs:ram::1234567890123456:role/my-api",
    },
    "provider-arn": {
      description: "The OIDC provider that stands for this cluster.",
      required: true,
      scope: "platform",
      pattern: "^acs:ram::[0-9]+:oidc-provider/[\\w.-]+$",
      example: "acs:ram::1234567890123456:oidc-provider/my-cluster",
    },
    "session-name": {
      description: "The name of the role session.",
      pattern: "^[\\w.@-]{2,64}$",
      example: "my-api",
    },
    "sts-region": {
      description: "The region of the STS endpoint that the token is sent to.",
      scope: "platform",
      pattern: "^[a-z0-9-]+$",
      example: "eu-central-1",
    },
    "sts-endpoint": {
      description: "The host of the STS endpoint that the token is sent to.",
      scope: "platform",
      pattern: "^[a-z0-9.-]+$",
      example: "sts-vpc.eu-central-1.aliyuncs.com",
    },
    "vpc-endpoint-enabled": {
      description: "Whether the token is sent to the region's endpoint inside the VPC.",
      scope: "platform",
      pattern: "^(true|false)$",
      example: "true",
    },
  },
  env: {
    ALIBABA_CLOUD_ROLE_ARN: "${parameter.role-arn}",
    ALIBABA_CLOUD_OIDC_PROVIDER_ARN: "${parameter.provider-arn}",
    ALIBABA_CLOUD_OIDC_TOKEN_FILE: "${token.file}",
    ALIBABA_CLOUD_ROLE_SESSION_NAME: "${parameter.session-name}",
    ALIBABA_CLOUD_STS_REGION: "${parameter.sts-region}",
    ALIBABA_CLOUD_STS_ENDPOINT: "${parameter.sts-endpoint}",
    ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED: "${parameter.vpc-endpoint-enabled}",
  },
  shadowedBy: ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
  // The SDKs for Node.js, Python and Go ask for OIDC right after the keys.
  displaces: ["ALIBABA_CLOUD_CREDENTIALS_FILE", "ALIBABA_CLOUD_CREDENTIALS_URI", "ALIBABA_CLOUD_ECS_METADATA"],
  native: [
    {
      webhook: "ack-pod-identity-webhook",
      trigger: { key: "pod-identity.alibabacloud.com/role-name" },
      parameters: {
        "role-arn": {
          key: "pod-identity.alibabacloud.com/role-name",
          prefix: { parameter: "provider-arn", upTo: ":oidc-provider/", followedBy: ":role/" },
        },
      },
      expirationSeconds: {
        key: "pod-identity.alibabacloud.com/service-account-token-expiration",
        podKey: "pod-identity.alibabacloud.com/service-account-token-expiration",
        default: 3600,
        unreadable: "ignored",
      },
      skipContainers: "pod-identity.alibabacloud.com/skip-containers",
      onlyContainers: "pod-identity.alibabacloud.com/only-containers",
      unsupported: [
        {
          on: "podAnnotation",
          key: "pod-identity.alibabacloud.com/override-env",
          values: ["true"],
          warning: "variables of the container are kept as they are",
        },
        {
          on: "serviceAccountAnnotation",
          key: "pod-identity.alibabacloud.com/inject-sts-endpoint",
          values: ["on"],
          warning: "where tokens are sent is the platform's to say",
        },
      ],
      differences: [
        "The label `pod-identity.alibabacloud.com/injection` of Namespace or pod is not asked for: use `allowedNamespaces`.",
        "A lifetime outside 600 to 43200 is brought inside, with a warning; the webhook takes 3600.",
        "A role's name that is invalid refuses the pod; the webhook does nothing.",
      ],
    },
  ],
  seenWith: [{ registry: "PyPI", sdk: "alibabacloud_credentials", version: "1.0.12" }],
  unverified: [
    "Which SDKs read the three STS variables; those for Node.js and Python do not read ALIBABA_CLOUD_STS_ENDPOINT.",
    "The service was a stand-in; the SDKs for Node.js and Go were read only.",
  ],
  vendorVolumes: ["rrsa-oidc-token"],
  trust: {
    keys: "discovery",
    values: {
      "provider-name": { from: "provider-arn", pattern: ":oidc-provider/(.+)$" },
      "role-name": { from: "role-arn", pattern: ":role/(.+)$" },
    },
    fields: {
      issuerUrl: "${issuer}",
      clientIds: "${audience}",
      providerArn: "${parameter.provider-arn}",
      roleArn: "${parameter.role-arn}",
    },
    documents: {
      "trust-policy": {
        isPolicy: true,
        json: {
          Version: "1",
          Statement: [
            {
              Effect: "Allow",
              Action: "sts:AssumeRole",
              Principal: { Federated: ["${parameter.provider-arn}"] },
              Condition: {
                StringEquals: { "oidc:iss": "${issuer}", "oidc:aud": "${audience}", "oidc:sub": "${subject}" },
              },
            },
          ],
        },
      },
    },
    steps: [
      {
        title: "Register the cluster as an OIDC provider of the account.",
        once: true,
        command: [
          "aliyun",
          "ims",
          "CreateOIDCProvider",
          "--OIDCProviderName",
          "${value.provider-name}",
          "--IssuerUrl",
          "${issuer}",
          "--ClientIds",
          "${audience}",
          "--Fingerprints",
          "<fingerprint>",
        ],
      },
      {
        title: "Create the role with its trust policy.",
        command: [
          "aliyun",
          "ram",
          "CreateRole",
          "--RoleName",
          "${value.role-name}",
          "--AssumeRolePolicyDocument",
          { document: "trust-policy" },
        ],
      },
    ],
    notes: [
      "The fingerprint is the SHA-1 fingerprint of the certificate authority behind the issuer's HTTPS certificate, in hexadecimal without colons.",
      "A cluster of ACK with RRSA switched on has its provider already, called `ack-rrsa-<cluster ID>`.",
    ],
    unverified: ["The commands were not tried: the CLI is in no registry that the tests reach."],
  },
};
