import type { Preset } from "../provider-spec.ts";

/** Huawei Cloud: what its SDKs look for first where a program names no credentials. */
export const huaweiCloud: Preset = {
  name: "huawei-cloud",
  title: "Huawei Cloud",
  description: "An agency of Huawei Cloud by STS with an OIDC identity provider.",
  support: "env",
  documentation: "https://github.com/huaweicloud/huaweicloud-sdk-python-v3",
  token: {
    audience: "${parameter.token-audience}",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
  },
  parameters: {
    "provider-urn": {
      description: "The URN of the OIDC identity provider.",
      required: true,
      pattern: "^[A-Za-z0-9:/_+=,.@-]+$",
      example: "iam::0123456789abcdef:oidc-provider:my-cluster",
    },
    "agency-urn": {
      description: "The URN of the agency that the pod assumes.",
      required: true,
      pattern: "^[A-Za-z0-9:/_+=,.@-]+$",
      example: "iam::0123456789abcdef:agency:my-api",
    },
    "session-name": {
      description: "The name of the session.",
      pattern: "^[\\w+=,.@-]{2,64}$",
      example: "my-api",
    },
    "project-id": {
      description: "The project that regional services are used in.",
      pattern: "^[A-Za-z0-9_-]+$",
      example: "0123456789abcdef0123456789abcdef",
    },
    "domain-id": {
      description: "The account that global services are used in.",
      pattern: "^[A-Za-z0-9_-]+$",
      example: "fedcba9876543210fedcba9876543210",
    },
    "sts-endpoint": {
      description: "The STS endpoint that the token is sent to; without it that of cn-north-4.",
      scope: "platform",
      pattern: "^https://[^\\s\\p{Z}\\p{Cf}/?#@]+/?$",
      example: "https://sts.ap-southeast-3.myhuaweicloud.com",
    },
    "token-audience": {
      description: "The client ID of the identity provider.",
      required: true,
      scope: "platform",
      pattern: "^[^\\s\\p{Z}\\p{Cf}]+$",
      example: "my-cluster",
    },
  },
  env: {
    HUAWEICLOUD_OIDC_PROVIDER_URN: "${parameter.provider-urn}",
    HUAWEICLOUD_OIDC_AGENCY_URN: "${parameter.agency-urn}",
    HUAWEICLOUD_OIDC_TOKEN_FILE: "${token.file}",
    HUAWEICLOUD_OIDC_SESSION_NAME: "${parameter.session-name}",
    HUAWEICLOUD_SDK_PROJECT_ID: "${parameter.project-id}",
    HUAWEICLOUD_SDK_DOMAIN_ID: "${parameter.domain-id}",
    HUAWEICLOUD_SDK_STS_ENDPOINT: "${parameter.sts-endpoint}",
  },
  shadowedBy: ["HUAWEICLOUD_OIDC_ID_TOKEN"],
  // The identity comes first in the chain, before keys.
  displaces: ["HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_IDP_ID", "HC_CONTAINER_CREDENTIALS_FULL_URI"],
  seenWith: [{ registry: "PyPI", sdk: "huaweicloudsdkcore", version: "3.1.219" }],
  notes: [
    "Programs that name credentials of their own keep them; the chain is asked by a client that is built without.",
    "The SDK for Python (huaweicloudsdkcore 3.1.219) reads the token once, when a client is built, and presents it again when its session ends: give programs that run for long a long expiration-seconds, or build clients anew.",
    "Without project-id, or domain-id for global services, the SDK asks IAM for it, which takes a right of the agency.",
    "The SDK for JavaScript has no such chain.",
  ],
  unverified: [
    "The forms of the two URNs, and that the audience is the client ID of the identity provider: the service was a stand-in.",
  ],
  trust: {
    keys: "discovery",
    fields: {
      issuer: "${issuer}",
      clientId: "${audience}",
      subject: "${subject}",
      providerUrn: "${parameter.provider-urn}",
      agencyUrn: "${parameter.agency-urn}",
    },
    steps: [
      {
        title: "Create an identity provider.",
        once: true,
        place: "IAM, Identity Providers, of type OpenID Connect",
        form: { "Identity provider URL": "${issuer}", "Client ID": "${audience}" },
      },
      {
        title: "Create a trust agency for it.",
        place: "IAM, Agencies",
        form: { "Identity provider": "${parameter.provider-urn}", Subject: "${subject}" },
      },
    ],
    unverified: ["The console was not seen."],
  },
};
