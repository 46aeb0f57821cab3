import type { Preset } from "../provider-spec.ts";

/** AWS STS, AssumeRoleWithWebIdentity: what every AWS SDK and the CLI read from the environment. */
export const aws: Preset = {
  name: "aws",
  title: "Amazon Web Services",
  description: "An IAM role by AssumeRoleWithWebIdentity.",
  support: "env",
  documentation: "https://docs.aws.amazon.com/sdkref/latest/guide/access-assume-role-web.html",
  token: {
    audience: "sts.amazonaws.com",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
    mountPath: "/var/run/secrets/eks.amazonaws.com/serviceaccount",
    fileName: "token",
  },
  parameters: {
    "role-arn": {
      description: "The IAM role that the pod assumes.",
      required: true,
      pattern: "^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/[\\w+=,.@/-]{1,512}$",
      example: "arn:aws:iam::123456789012:role/my-api",
    },
    region: {
      description: "The region that SDKs use unless told otherwise.",
      pattern: "^[a-z0-9]+(-[a-z0-9]+)+$",
      example: "eu-west-1",
    },
    "session-name": {
      description: "The name of the role session in CloudTrail.",
      pattern: "^[\\w+=,.@-]{2,64}$",
      example: "my-api",
    },
  },
  env: {
    AWS_ROLE_ARN: "${parameter.role-arn}",
    AWS_WEB_IDENTITY_TOKEN_FILE: "${token.file}",
    AWS_ROLE_SESSION_NAME: "${parameter.session-name}",
    AWS_REGION: "${parameter.region}",
    AWS_DEFAULT_REGION: "${parameter.region}",
  },
  // boto3 and the CLI read AWS_DEFAULT_REGION, the other SDKs AWS_REGION: one of the user's must never meet one of ours.
  envTogether: [["AWS_REGION", "AWS_DEFAULT_REGION"]],
  shadowedBy: ["AWS_ACCESS_KEY_ID", "AWS_PROFILE"],
  conflictsWith: ["coreweave-object-storage"],
};
