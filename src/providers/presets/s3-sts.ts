import type { Preset } from "../provider-spec.ts";

/** S3 stores with an STS of their own, as Ceph's RGW and MinIO: AWS' SDKs, sent elsewhere. */
export const s3Sts: Preset = {
  name: "s3-sts",
  title: "S3 stores with STS",
  description: "A role of Ceph RGW, MinIO or another S3 store with AssumeRoleWithWebIdentity, for unmodified AWS SDKs.",
  support: "env",
  documentation: "https://docs.ceph.com/en/latest/radosgw/STS/",
  token: {
    audience: "${parameter.token-audience}",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
  },
  parameters: {
    "role-arn": {
      description: "The role that the pod assumes; Ceph's have no account.",
      required: true,
      pattern: "^arn:[a-z0-9-]+:iam::[A-Za-z0-9_-]*:role/[\\w+=,.@/-]+$",
      example: "arn:aws:iam:::role/my-api",
    },
    "token-audience": {
      description: "The client ID under which the store knows the issuer.",
      required: true,
      scope: "platform",
      pattern: "^[^\\s\\p{Z}\\p{Cf}]+$",
      example: "my-store",
    },
    endpoint: {
      description: "The store's S3 endpoint.",
      required: true,
      scope: "platform",
      pattern: "^https?://[^\\s\\p{Z}\\p{Cf}/?#@]+(/[^\\s\\p{Z}\\p{Cf}?#]*)?$",
      example: "https://s3.example.com",
    },
    "sts-endpoint": {
      description: "Its STS endpoint, which tokens are sent to: often the same.",
      required: true,
      scope: "platform",
      pattern: "^https?://[^\\s\\p{Z}\\p{Cf}/?#@]+(/[^\\s\\p{Z}\\p{Cf}?#]*)?$",
      example: "https://s3.example.com",
    },
    region: {
      description: "The region that requests are signed for.",
      pattern: "^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$",
      default: "us-east-1",
      example: "default",
    },
    "session-name": {
      description: "The name of the role session in the store's logs.",
      pattern: "^[\\w+=,.@-]{2,64}$",
      example: "my-api",
    },
  },
  env: {
    AWS_ROLE_ARN: "${parameter.role-arn}",
    AWS_WEB_IDENTITY_TOKEN_FILE: "${token.file}",
    AWS_ROLE_SESSION_NAME: "${parameter.session-name}",
    AWS_ENDPOINT_URL_STS: "${parameter.sts-endpoint}",
    AWS_ENDPOINT_URL_S3: "${parameter.endpoint}",
    AWS_REGION: "${parameter.region}",
    AWS_DEFAULT_REGION: "${parameter.region}",
  },
  // boto3 and the CLI read AWS_DEFAULT_REGION, the other SDKs AWS_REGION: one of the user's must never meet one of ours.
  envTogether: [["AWS_REGION", "AWS_DEFAULT_REGION"]],
  shadowedBy: [
    "AWS_ACCESS_KEY_ID",
    "AWS_ACCESS_KEY",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONFIG_FILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
  ],
  // boto3 looks for a profile whose name is empty, and fails.
  shadowedEvenEmpty: ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"],
  displaces: ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
  conflictsWith: ["aws", "coreweave-object-storage"],
  seenWith: [
    { registry: "npm", sdk: "@aws-sdk/client-s3", version: "3.1169.0" },
    { registry: "PyPI", sdk: "boto3", version: "1.44.5" },
    { registry: "Go", sdk: "github.com/aws/aws-sdk-go-v2/config", version: "1.33.18" },
  ],
  notes: [
    "Programs on minio-go (Thanos, Loki, mc) read role and token, but take the endpoint from their code, else Amazon's: there it is `code`.",
    "A store with a private certificate also needs AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS, which Podpass does not set.",
    "How buckets are addressed is the program's to say: some stores take paths only.",
  ],
  unverified: ["Neither Ceph nor MinIO was run; that SDKs take such an ARN was."],
  trust: {
    // Stores fetch the keys from the issuer.
    keys: "discovery",
    values: {
      account: { from: "role-arn", pattern: "^arn:[^:]+:iam::([^:]*):" },
      "role-path": { from: "role-arn", pattern: ":role(/(?:.*/)?)[^/]+$", otherwise: "/" },
      "role-name": { from: "role-arn", pattern: ":role/(?:.*/)?([^/]+)$" },
    },
    fields: {
      providerUrl: "${issuer}",
      clientId: "${audience}",
      roleArn: "${parameter.role-arn}",
    },
    documents: {
      "trust-policy": {
        isPolicy: true,
        json: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Federated: "arn:aws:iam::${value.account}:oidc-provider/${issuer.hostPath}" },
              Action: "sts:AssumeRoleWithWebIdentity",
              Condition: {
                StringEquals: {
                  "${issuer.hostPath}:aud": "${audience}",
                  "${issuer.hostPath}:sub": "${subject}",
                },
              },
            },
          ],
        },
      },
    },
    steps: [
      {
        title: "Register the cluster as an identity provider of the store (Ceph).",
        once: true,
        command: [
          "aws",
          "iam",
          "create-open-id-connect-provider",
          "--endpoint-url",
          "${parameter.sts-endpoint}",
          "--url",
          "${issuer}",
          // As JSON, since version 1 of the CLI would fetch a value that starts with https://.
          "--client-id-list",
          { json: ["${audience}"] },
        ],
      },
      {
        title: "Create the role with its trust policy (Ceph).",
        command: [
          "aws",
          "iam",
          "create-role",
          "--endpoint-url",
          "${parameter.sts-endpoint}",
          "--role-name",
          "${value.role-name}",
          "--path",
          "${value.role-path}",
          "--assume-role-policy-document",
          { document: "trust-policy" },
        ],
      },
    ],
    notes: [
      "MinIO takes the issuer in its own configuration: identity_openid with config_url, client_id and a role policy; it then shows the role's ARN.",
    ],
    unverified: ["The commands were run against a stand-in for IAM, and not tried at a store."],
  },
};
