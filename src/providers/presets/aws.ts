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
      pattern: "^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/[\\w+=,.@/-]+$",
      example: "arn:aws:iam::123456789012:role/my-api",
    },
    "target-role-arn": {
      description: "A role that the first one assumes in turn, in another account say: programs get this one.",
      pattern: "^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/[\\w+=,.@/-]+$",
      example: "arn:aws:iam::210987654321:role/their-role",
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
    // With them the SDK for Go stays with the first role, whatever the file says.
    AWS_ROLE_ARN: { value: "${parameter.role-arn}", when: { "target-role-arn": { set: false } } },
    AWS_WEB_IDENTITY_TOKEN_FILE: { value: "${token.file}", when: { "target-role-arn": { set: false } } },
    AWS_ROLE_SESSION_NAME: "${parameter.session-name}",
    AWS_REGION: "${parameter.region}",
    AWS_DEFAULT_REGION: "${parameter.region}",
    AWS_CONFIG_FILE: "${file.config}",
  },
  // boto3 and the CLI read AWS_DEFAULT_REGION, the other SDKs AWS_REGION: one of the user's must never meet one of ours.
  envTogether: [["AWS_REGION", "AWS_DEFAULT_REGION"]],
  files: [
    {
      name: "config",
      when: { "target-role-arn": { set: true } },
      ini: {
        default: {
          role_arn: "${parameter.target-role-arn}",
          source_profile: "podpass",
          role_session_name: "${parameter.session-name}",
          region: "${parameter.region}",
        },
        "profile podpass": {
          role_arn: "${parameter.role-arn}",
          web_identity_token_file: "${token.file}",
          role_session_name: "${parameter.session-name}",
          region: "${parameter.region}",
        },
      },
    },
  ],
  // Not all of them win everywhere; which do where is in the notes. AWS_ACCESS_KEY is what Go takes as well.
  shadowedBy: [
    "AWS_ACCESS_KEY_ID",
    "AWS_ACCESS_KEY",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONFIG_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_BEARER_TOKEN_BEDROCK",
  ],
  // boto3 looks for a profile whose name is empty, and fails.
  shadowedEvenEmpty: ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"],
  // Every chain asks a container's endpoint last but one, after the web identity.
  displaces: ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
  expectsOneOf: [["AWS_REGION", "AWS_DEFAULT_REGION"]],
  conflictsWith: ["coreweave-object-storage", "s3-sts"],
  // Where both have keys cwii's count first, as at cwii.
  native: [
    {
      webhook: "cwii",
      trigger: { key: "cwii.dev/aws-inject", value: "true" },
      optOut: [{ on: "podAnnotation", key: "cwii.dev/aws-inject", value: "false" }],
      parameters: {
        "role-arn": "cwii.dev/aws-role-arn",
        region: "cwii.dev/aws-region",
        "session-name": "cwii.dev/aws-role-session-name",
      },
      audience: { key: "cwii.dev/aws-audience" },
      expirationSeconds: {
        key: "cwii.dev/aws-token-expiration",
        podKey: "cwii.dev/aws-token-expiration",
        default: 3600,
        min: 600,
        unreadable: "ignored",
      },
      unsupported: [
        {
          on: "serviceAccountAnnotation",
          key: "cwii.dev/aws-verify",
          values: ["true"],
          warning: "no init container verifies the identity",
        },
        {
          on: "podAnnotation",
          key: "cwii.dev/aws-verify",
          values: ["true"],
          warning: "no init container verifies the identity",
        },
        {
          on: "podAnnotation",
          key: "cwii.dev/aws-role-arn",
          warning: "is read on the ServiceAccount only",
        },
        {
          on: "podAnnotation",
          key: "cwii.dev/aws-audience",
          warning: "is read on the ServiceAccount only",
        },
      ],
      differences: [
        "This is read in cwii's source and documentation of June 2026; cwii itself was not run.",
        'The trigger and all values are the ServiceAccount\'s: those on Namespace, owner and pod are not read, but for `cwii.dev/aws-inject: "false"` and the lifetime on a pod. Use `defaults` of the configuration for namespaces.',
        "`true` and `false` are written so, and without spaces around them; cwii takes `True` as well.",
        "Without `cwii.dev/aws-role-arn`, or with one that is malformed, the pod is refused; cwii only logs it.",
        "Init containers have the identity too, and `AWS_DEFAULT_REGION` is set with `AWS_REGION`.",
        "The token is at `/var/run/secrets/eks.amazonaws.com/serviceaccount/token`, where Amazon's webhook has it.",
        '`cwii.dev/aws-inject: "false"` takes nothing away where `eks.amazonaws.com/role-arn` federates: Amazon\'s webhook does not know it.',
      ],
    },
    {
      webhook: "amazon-eks-pod-identity-webhook",
      trigger: { key: "eks.amazonaws.com/role-arn" },
      optOut: [{ on: "podLabel", key: "eks.amazonaws.com/skip-pod-identity-webhook" }],
      parameters: { "role-arn": "eks.amazonaws.com/role-arn" },
      audience: { key: "eks.amazonaws.com/audience" },
      expirationSeconds: {
        key: "eks.amazonaws.com/token-expiration",
        podKey: "eks.amazonaws.com/token-expiration",
        default: 86400,
        min: 600,
        unreadable: "ignored",
      },
      skipContainers: "eks.amazonaws.com/skip-containers",
      unsupported: [
        {
          on: "podLabel",
          key: "eks.amazonaws.com/pod-identity",
          values: ["enabled"],
          warning: "EKS Pod Identity is not Podpass'; the role is used",
        },
      ],
      differences: [
        "The region comes from the platform's `region`, not from the webhook's `--aws-default-region`.",
        "`eks.amazonaws.com/sts-regional-endpoints` is not read: where tokens are sent is the platform's to say. SDKs since 2025 ask STS in the region anyway; for older ones give the provider the variable `AWS_STS_REGIONAL_ENDPOINTS: regional`.",
        "A container that sets `AWS_ROLE_ARN` itself gets `AWS_WEB_IDENTITY_TOKEN_FILE` as well; the webhook adds neither of the two where one is there.",
        "A volume that is called `aws-iam-token` and holds no such token is left alone, and Podpass adds its own; the webhook takes it for its own, or passes over the pod.",
        "EKS Pod Identity (container credentials) is not read: it is configured at EKS, not on the ServiceAccount.",
        "The names in `skip-containers` are read without spaces around them; the webhook keeps the spaces, so that `a, b` skips `a` alone.",
        "A role's ARN that is malformed refuses the pod; the webhook only logs it. A bare `role/path` (`--compose-role-arn`) is malformed too.",
      ],
    },
  ],
  seenWith: [
    { registry: "npm", sdk: "@aws-sdk/client-s3", version: "3.1169.0" },
    { registry: "PyPI", sdk: "boto3", version: "1.44.5" },
    { registry: "Go", sdk: "github.com/aws/aws-sdk-go-v2/config", version: "1.33.18" },
  ],
  notes: [
    "Set region, or have the program set one: without any, the SDK for JavaScript (client-s3 3.1169.0) and boto3 (1.44.5) make no client of most services. boto3 does not read AWS_REGION.",
    "A file of AWS_SHARED_CREDENTIALS_FILE or AWS_CONFIG_FILE wins where its profile names credentials: in the SDK for JavaScript any of them, in boto3 only a role with a source, in the SDK for Go (config 1.33.18) none, which prefers the identity. Programs that read the file themselves take it everywhere.",
    "AWS_PROFILE and AWS_DEFAULT_PROFILE make boto3 fail where there is no such profile, also where they are empty.",
    "AWS_BEARER_TOKEN_BEDROCK is used instead at Bedrock only.",
    "With target-role-arn a configuration file leads from the first role to the second, in place of two of the variables, and the token is beside it. The target role's own trust policy has to name the first one, which has to be allowed sts:AssumeRole.",
    "The credentials of such a second role last an hour at most, it is said; SDKs get new ones by themselves.",
  ],
  vendorVolumes: ["aws-iam-token", "eks-pod-identity-token", "cwii-aws-token"],
  trust: {
    // IAM takes no keys: it fetches them from the issuer.
    keys: "discovery",
    subjectPatterns: true,
    values: {
      partition: { from: "role-arn", pattern: "^arn:(aws[a-z-]*):", otherwise: "aws" },
      "account-id": { from: "role-arn", pattern: "^arn:[^:]+:iam::([0-9]{12}):" },
      "role-path": { from: "role-arn", pattern: ":role(/(?:.*/)?)[^/]+$", otherwise: "/" },
      "role-name": { from: "role-arn", pattern: ":role/(?:.*/)?([^/]+)$" },
      "target-role-path": { from: "target-role-arn", pattern: ":role(/(?:.*/)?)[^/]+$", otherwise: "/" },
      "target-role-name": { from: "target-role-arn", pattern: ":role/(?:.*/)?([^/]+)$" },
    },
    fields: {
      providerUrl: "${issuer}",
      providerArn: "arn:${value.partition}:iam::${value.account-id}:oidc-provider/${issuer.hostPath}",
      clientId: "${audience}",
      roleArn: "${parameter.role-arn}",
      targetRoleArn: "${parameter.target-role-arn}",
    },
    documents: {
      "target-trust-policy": {
        isPolicy: true,
        when: { has: "target-role-arn" },
        json: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { AWS: "${parameter.role-arn}" }, Action: "sts:AssumeRole" }],
        },
      },
      "assume-target-policy": {
        isPolicy: true,
        when: { has: "target-role-arn" },
        json: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Resource: "${parameter.target-role-arn}" }],
        },
      },
      "trust-policy": {
        isPolicy: true,
        json: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: {
                Federated: "arn:${value.partition}:iam::${value.account-id}:oidc-provider/${issuer.hostPath}",
              },
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
        when: { subject: "exact" },
      },
      "trust-policy-for-pattern": {
        isPolicy: true,
        json: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: {
                Federated: "arn:${value.partition}:iam::${value.account-id}:oidc-provider/${issuer.hostPath}",
              },
              Action: "sts:AssumeRoleWithWebIdentity",
              Condition: {
                StringEquals: { "${issuer.hostPath}:aud": "${audience}" },
                StringLike: { "${issuer.hostPath}:sub": "${subject}" },
              },
            },
          ],
        },
        when: { subject: "pattern" },
      },
    },
    steps: [
      {
        title: "Register the cluster as an identity provider of the account.",
        once: true,
        command: [
          "aws",
          "iam",
          "create-open-id-connect-provider",
          "--url",
          "${issuer}",
          // As JSON, since version 1 of the CLI would fetch a value that starts with https://.
          "--client-id-list",
          { json: ["${audience}"] },
        ],
      },
      {
        title: "Create the role with its trust policy.",
        when: { subject: "exact" },
        command: [
          "aws",
          "iam",
          "create-role",
          "--role-name",
          "${value.role-name}",
          "--path",
          "${value.role-path}",
          "--assume-role-policy-document",
          { document: "trust-policy" },
        ],
      },
      {
        title: "Create the role with its trust policy for all of them.",
        when: { subject: "pattern" },
        command: [
          "aws",
          "iam",
          "create-role",
          "--role-name",
          "${value.role-name}",
          "--path",
          "${value.role-path}",
          "--assume-role-policy-document",
          { document: "trust-policy-for-pattern" },
        ],
      },
      {
        title: "Let it assume the target role.",
        when: { has: "target-role-arn" },
        command: [
          "aws",
          "iam",
          "put-role-policy",
          "--role-name",
          "${value.role-name}",
          "--policy-name",
          "assume-target-role",
          "--policy-document",
          { document: "assume-target-policy" },
        ],
      },
      {
        title: "In the target role's account: create it with its trust policy.",
        when: { has: "target-role-arn" },
        command: [
          "aws",
          "iam",
          "create-role",
          "--role-name",
          "${value.target-role-name}",
          "--path",
          "${value.target-role-path}",
          "--assume-role-policy-document",
          { document: "target-trust-policy" },
        ],
      },
    ],
    notes: [
      "Where the role is there already, add the statement to its trust policy: update-assume-role-policy replaces the whole policy.",
      "IAM takes audiences of at most 255 characters.",
      "Where the provider is there already, add the audience with add-client-id-to-open-id-connect-provider.",
    ],
  },
};
