import type { Preset } from "../provider-spec.ts";

/** Tencent Cloud: AssumeRoleWithWebIdentity, as the SDKs' providers for TKE read it. */
export const tencent: Preset = {
  name: "tencent",
  title: "Tencent Cloud",
  description: "A CAM role of Tencent Cloud by AssumeRoleWithWebIdentity.",
  support: "code",
  documentation: "https://github.com/TencentCloud/tencentcloud-sdk-python",
  token: {
    audience: "sts.cloud.tencent.com",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
  },
  parameters: {
    "role-arn": {
      description: "The CAM role that the pod assumes.",
      required: true,
      pattern: "^qcs::cam::uin/[0-9]+:(role|roleName)/[\\w+=,.@/-]+$",
      example: "qcs::cam::uin/100000000001:roleName/my-api",
    },
    "provider-id": {
      description: "The name of the OIDC identity provider.",
      required: true,
      pattern: "^[\\w.-]+$",
      example: "my-cluster",
    },
    region: {
      description: "The region whose STS endpoint is asked.",
      required: true,
      pattern: "^[a-z0-9]+(-[a-z0-9]+)+$",
      example: "ap-guangzhou",
    },
  },
  env: {
    TKE_REGION: "${parameter.region}",
    TKE_PROVIDER_ID: "${parameter.provider-id}",
    TKE_WEB_IDENTITY_TOKEN_FILE: "${token.file}",
    TKE_ROLE_ARN: "${parameter.role-arn}",
  },
  shadowedBy: ["TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"],
  seenWith: [{ registry: "PyPI", sdk: "tencentcloud-sdk-python-common", version: "3.1.195" }],
  notes: [
    "The program has to ask for DefaultCredentialProvider, whose last step this identity is in the SDK for Python (tencentcloud-sdk-python-common 3.1.195), or for its SDK's own provider for TKE.",
    "Before that step the chain asks the node's metadata: where pods reach it and the node has a role, the program gets the node's role.",
  ],
  unverified: [
    "The audience; another one goes into the annotation `audience` or into token.audience of this provider.",
    "SDKs for other languages were not looked at, and the service was a stand-in.",
  ],
  trust: {
    keys: "discovery",
    fields: {
      issuer: "${issuer}",
      clientId: "${audience}",
      subject: "${subject}",
      roleArn: "${parameter.role-arn}",
    },
    steps: [
      {
        title: "Create an identity provider.",
        once: true,
        place: "CAM, Identity Providers, role SSO with OIDC",
        form: { Name: "${parameter.provider-id}", "Provider URL": "${issuer}", "Client ID": "${audience}" },
      },
      {
        title: "Create the role with this provider as its carrier.",
        place: "CAM, Roles",
        form: { "oidc:aud": "${audience}", "oidc:sub": "${subject}" },
      },
    ],
    unverified: ["The console was not seen; whether it has to be handed the keys is not known."],
  },
};
