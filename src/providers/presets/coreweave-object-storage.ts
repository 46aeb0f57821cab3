import type { Preset } from "../provider-spec.ts";

/** CoreWeave AI Object Storage: AWS SDKs get their keys as a container does, not from STS. */
export const coreweaveObjectStorage: Preset = {
  name: "coreweave-object-storage",
  title: "CoreWeave AI Object Storage",
  description: "Temporary S3 keys of CoreWeave AI Object Storage for unmodified AWS SDKs.",
  support: "env+file",
  documentation:
    "https://docs.coreweave.com/products/storage/object-storage/reference/object-storage-api-ref/cwobject/create-access-key-from-container-credentials",
  token: {
    audience: "https://coreweave.com/iam",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
  },
  parameters: {
    "organization-id": {
      description: "The CoreWeave organization.",
      required: true,
      pattern: "^[A-Za-z0-9_-]+$",
      example: "abc123",
    },
    region: {
      description: "The availability zone.",
      pattern: "^[A-Za-z0-9][A-Za-z0-9-]*$",
      example: "US-EAST-04A",
    },
    endpoint: {
      description: "The S3 endpoint: https://cwobject.com, or http://cwlota.com inside a CoreWeave cluster.",
      scope: "platform",
      pattern: "^https?://[^\\s\\p{Z}\\p{Cf}/?#@]+/?$",
      default: "https://cwobject.com",
      example: "http://cwlota.com",
    },
    "addressing-style": {
      description: "With `virtual` an AWS configuration file says so to boto3 and the AWS CLI; the others add no file.",
      pattern: "^(virtual|path|auto)$",
      example: "virtual",
    },
  },
  env: {
    AWS_CONTAINER_CREDENTIALS_FULL_URI:
      "https://api.coreweave.com/v1/cwobject/temporary-credentials/oidc/${parameter.organization-id}",
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "${token.file}",
    AWS_REGION: "${parameter.region}",
    AWS_DEFAULT_REGION: "${parameter.region}",
    AWS_ENDPOINT_URL_S3: "${parameter.endpoint}",
    AWS_CONFIG_FILE: "${file.aws-config}",
  },
  // boto3 and the CLI read AWS_DEFAULT_REGION, the other SDKs AWS_REGION: one of the user's must never meet one of ours.
  envTogether: [["AWS_REGION", "AWS_DEFAULT_REGION"]],
  files: [
    {
      name: "aws-config",
      text: "[default]\ns3 =\n  addressing_style = virtual\n",
      when: { "addressing-style": "virtual" },
    },
  ],
  // The endpoint of a container comes last in every chain. A web identity and the endpoint of another container are no
  // static keys, but they win just as silently.
  shadowedBy: [
    "AWS_ACCESS_KEY_ID",
    "AWS_ACCESS_KEY",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  ],
  // boto3 asks whether they are there, not what they say.
  shadowedEvenEmpty: ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
  expectsOneOf: [["AWS_REGION", "AWS_DEFAULT_REGION"]],
  conflictsWith: ["aws", "s3-sts"],
  native: [
    {
      webhook: "CoreWeave's pod identity webhook",
      trigger: { key: "caios.coreweave.com/inject", value: "true" },
      differences: [
        "Organization and region come from the platform's parameters, as the webhook has them from its own configuration.",
        "`AWS_ENDPOINT_URL_S3` is set as well, which the webhook leaves to the program.",
      ],
    },
  ],
  seenWith: [
    { registry: "npm", sdk: "@aws-sdk/client-s3", version: "3.1169.0" },
    { registry: "PyPI", sdk: "boto3", version: "1.44.5" },
    { registry: "Go", sdk: "github.com/aws/aws-sdk-go-v2/config", version: "1.33.18" },
  ],
  notes: [
    "For boto3 and the AWS CLI set addressing-style to `virtual`: with an endpoint that is not AWS's they put the bucket into the path, which the service refuses. The SDKs for JavaScript and Go need no file.",
    "Set region, or have the program set one: without any, the SDK for JavaScript makes no client.",
    "The file takes the place of `~/.aws/config`.",
    "The first versions that work are boto3 1.42.5 and AWS CLI 2.33.2; older ones refuse the host.",
    "The principal `role/<issuer>:system:serviceaccount:<namespace>:<name>` needs `cwobject:CreateAccessKeyOIDC` in an access policy of the organization.",
  ],
  trust: {
    keys: "discovery",
    fields: {
      issuerUrl: "${issuer}",
      clientId: "${audience}",
      principal: "role/${issuer}:${subject}",
      organizationId: "${parameter.organization-id}",
    },
    documents: {
      "organization-access-policy": {
        json: {
          name: "${account.slug}",
          version: "v1alpha1",
          statements: [
            {
              name: "keys",
              effect: "Allow",
              actions: ["cwobject:CreateAccessKeyOIDC"],
              resources: ["*"],
              principals: ["role/${issuer}:${subject}"],
            },
            {
              name: "bucket",
              effect: "Allow",
              actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"],
              resources: ["<bucket>", "<bucket>/*"],
              principals: ["role/${issuer}:${subject}"],
            },
          ],
        },
      },
    },
    steps: [
      {
        title: "Create an OIDC configuration for the cluster.",
        once: true,
        place: "the Cloud Console, IAM, Workload Federation, Create OIDC configuration",
        form: { Name: "${issuer.slug}", "Issuer URL": "${issuer}", "Client ID": "${audience}", Description: "" },
      },
      {
        title: "Create an organization access policy for the ServiceAccount.",
        place: "the Cloud Console, Object Storage, Organization Policies",
        form: {},
        documents: ["organization-access-policy"],
      },
    ],
    notes: [
      "Without the first statement of the policy the exchange is refused; the second is what the keys may then do.",
      "The issuer is compared byte by byte.",
    ],
    unverified: ["Whether CoreWeave takes keys of an issuer that it cannot reach; no page says so."],
  },
};
