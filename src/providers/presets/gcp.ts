import type { Preset } from "../provider-spec.ts";

/**
 * Who has a role is told by an attribute that only a provider for this pattern maps. All of the pool would be everybody
 * whom another provider of it, or one that was made before without a condition, lets in.
 */
const MAPPING_FOR_PATTERN =
  "google.subject=assertion.sub,attribute.podpass=assertion.sub.matches('${subject.regex}') ? '${account.slug}' : 'none'";

/** Google Cloud workload identity federation: an `external_account` file, with or without impersonation. */
export const gcp: Preset = {
  name: "gcp",
  title: "Google Cloud",
  description: "A workload identity pool, directly or as a Google service account that it impersonates.",
  support: "env+file",
  documentation: "https://cloud.google.com/iam/docs/workload-identity-federation-with-kubernetes",
  token: {
    audience: "https://iam.googleapis.com/${parameter.workload-identity-provider}",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
  },
  parameters: {
    "workload-identity-provider": {
      description: "The pool's provider, with the project's number and without a scheme.",
      required: true,
      pattern: "^projects/[0-9]+/locations/[a-z0-9-]+/workloadIdentityPools/[a-z0-9-]+/providers/[a-z0-9-]+$",
      example: "projects/123456789012/locations/global/workloadIdentityPools/my-pool/providers/my-cluster",
    },
    "service-account-email": {
      description: "The Google service account to impersonate; without it the pod is the pool's own principal.",
      pattern: "^[a-z0-9-]+@[a-z0-9.-]+\\.gserviceaccount\\.com$",
      example: "my-api@my-project.iam.gserviceaccount.com",
    },
    "project-id": {
      description: "The project that client libraries work in unless told otherwise.",
      pattern: "^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$",
      example: "my-project",
    },
  },
  env: {
    GOOGLE_APPLICATION_CREDENTIALS: "${file.credentials.json}",
    // gcloud does not read GOOGLE_APPLICATION_CREDENTIALS.
    CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE: "${file.credentials.json}",
    GOOGLE_CLOUD_PROJECT: "${parameter.project-id}",
    // gcloud and KEDA do not read GOOGLE_CLOUD_PROJECT.
    CLOUDSDK_CORE_PROJECT: "${parameter.project-id}",
  },
  // Clients for Python ask GOOGLE_CLOUD_PROJECT first, those for Node.js the other one.
  envTogether: [["GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"]],
  // gcloud asks for them before the file; client libraries read neither.
  shadowedBy: ["CLOUDSDK_AUTH_ACCESS_TOKEN", "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"],
  // Where the metadata server is, that a program asks only without a file.
  displaces: ["GCE_METADATA_HOST", "GCE_METADATA_IP"],
  files: [
    {
      name: "credentials.json",
      json: {
        type: "external_account",
        // Google's token endpoint wants the name without a scheme, the token's own `aud` with it.
        audience: "//iam.googleapis.com/${parameter.workload-identity-provider}",
        subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
        token_url: "https://sts.googleapis.com/v1/token",
        service_account_impersonation_url:
          "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${parameter.service-account-email}:generateAccessToken",
        credential_source: { file: "${token.file}", format: { type: "text" } },
      },
    },
  ],
  // Where both have keys cwii's count first, as at cwii.
  native: [
    {
      webhook: "cwii",
      trigger: { key: "cwii.dev/gcp-inject", value: "true" },
      optOut: [{ on: "podAnnotation", key: "cwii.dev/gcp-inject", value: "false" }],
      parameters: {
        "workload-identity-provider": { key: "cwii.dev/gcp-audience", behind: "//iam.googleapis.com/" },
        "service-account-email": "cwii.dev/gcp-service-account",
      },
      audience: { key: "cwii.dev/gcp-audience" },
      expirationSeconds: {
        key: "cwii.dev/gcp-token-expiration",
        podKey: "cwii.dev/gcp-token-expiration",
        default: 3600,
        min: 600,
        unreadable: "ignored",
      },
      unsupported: [
        {
          on: "serviceAccountAnnotation",
          key: "cwii.dev/gcp-delivery",
          warning: "the file comes by an annotation of the pod",
        },
        {
          on: "podAnnotation",
          key: "cwii.dev/gcp-delivery",
          warning: "the file comes by an annotation of the pod",
        },
        {
          on: "serviceAccountAnnotation",
          key: "cwii.dev/gcp-verify",
          values: ["true"],
          warning: "no init container verifies the identity",
        },
        {
          on: "podAnnotation",
          key: "cwii.dev/gcp-verify",
          values: ["true"],
          warning: "no init container verifies the identity",
        },
        {
          on: "podAnnotation",
          key: "cwii.dev/gcp-service-account",
          warning: "is read on the ServiceAccount only",
        },
        {
          on: "podAnnotation",
          key: "cwii.dev/gcp-audience",
          warning: "is read on the ServiceAccount only",
        },
      ],
      writes: ["/var/run/secrets/cwii.dev/gcp-creds/credentials.json"],
      differences: [
        "This is read in cwii's source and documentation of June 2026; cwii itself was not run.",
        'The trigger and all values are the ServiceAccount\'s: those on Namespace, owner and pod are not read, but for `cwii.dev/gcp-inject: "false"` and the lifetime on a pod. Use `defaults` of the configuration for namespaces.',
        "`true` and `false` are written so, and without spaces around them; cwii takes `True` as well.",
        "Where the audience is not written, cwii's `--gcp-default-audience` is the platform's `workload-identity-provider`, and the token's audience then begins with `https:`. One that does not begin with `//iam.googleapis.com/` names no pool's provider, so that the platform has to.",
        "Without a pool's provider the pod is refused; cwii only logs it.",
        "Token and file are at `/var/run/secrets/podpass.dev/gcp`; there is no ConfigMap and no init container, and gcloud finds the file too. Init containers have the identity as well.",
        "`iam.gke.io/gcp-service-account`, GKE's own key, which cwii reads where a switch says so, is not read.",
      ],
    },
    {
      webhook: "gcp-workload-identity-federation-webhook",
      trigger: { key: "cloud.google.com/workload-identity-provider" },
      parameters: {
        "workload-identity-provider": "cloud.google.com/workload-identity-provider",
        "service-account-email": "cloud.google.com/service-account-email",
      },
      audience: { key: "cloud.google.com/audience", default: "sts.googleapis.com" },
      expirationSeconds: {
        key: "cloud.google.com/token-expiration",
        podKey: "cloud.google.com/token-expiration",
        default: 86400,
        min: 3600,
        unreadable: "refused",
      },
      skipContainers: "cloud.google.com/skip-containers",
      unsupported: [
        {
          on: "serviceAccountAnnotation",
          key: "cloud.google.com/injection-mode",
          values: ["gcloud"],
          absent: true,
          warning: "no gcloud init container; gcloud finds the file",
        },
        {
          on: "serviceAccountAnnotation",
          key: "cloud.google.com/gcloud-run-as-user",
          warning: "there is no gcloud init container",
        },
      ],
      writes: ["/var/run/secrets/workload-identity/federation.json", "/var/run/secrets/gcloud/config/federation.json"],
      differences: [
        "Token and file are at `/var/run/secrets/podpass.dev/gcp`, readable for every user; the webhook's token has the mode 0440.",
        "A container's own `GOOGLE_APPLICATION_CREDENTIALS` is kept; the webhook replaces it.",
        "Without `service-account-email` the pod is the pool's own principal; the webhook refuses it.",
        "`CLOUDSDK_CONFIG` and `CLOUDSDK_COMPUTE_REGION` are not set; the project comes from the platform's `project-id`.",
      ],
    },
  ],
  seenWith: [
    { registry: "npm", sdk: "google-auth-library", version: "11.3.4" },
    { registry: "PyPI", sdk: "google-auth", version: "2.62.2" },
  ],
  notes: [
    "Set project-id: without it google-auth-library for Node.js asks Cloud Resource Manager for the project, and fails where that API is off or not permitted.",
    "Where the pool's provider has allowed audiences of its own, set token.audience of this provider to one of them.",
  ],
  vendorVolumes: ["gcp-iam-token", "cwii-gcp-token"],
  trust: {
    keys: "either",
    subjectPatterns: true,
    values: {
      "project-number": { from: "workload-identity-provider", pattern: "^projects/([0-9]+)/" },
      location: { from: "workload-identity-provider", pattern: "/locations/([^/]+)/", otherwise: "global" },
      "pool-id": { from: "workload-identity-provider", pattern: "/workloadIdentityPools/([^/]+)/" },
      "provider-id": { from: "workload-identity-provider", pattern: "/providers/([^/]+)$" },
    },
    fields: {
      issuerUri: "${issuer}",
      allowedAudience: "${audience}",
      attributeMapping: { text: "google.subject=assertion.sub", when: { subject: "exact" } },
      attributeMappingForPattern: { text: MAPPING_FOR_PATTERN, when: { subject: "pattern" } },
      attributeCondition: { text: "assertion.sub == '${subject}'", when: { subject: "exact" } },
      attributeConditionForPattern: {
        text: "assertion.sub.matches('${subject.regex}')",
        when: { subject: "pattern" },
      },
      workloadIdentityProvider: "${parameter.workload-identity-provider}",
      principal: {
        text: "principal://iam.googleapis.com/projects/${value.project-number}/locations/${value.location}/workloadIdentityPools/${value.pool-id}/subject/${subject}",
        when: { subject: "exact" },
      },
      principalSet: {
        text: "principalSet://iam.googleapis.com/projects/${value.project-number}/locations/${value.location}/workloadIdentityPools/${value.pool-id}/attribute.podpass/${account.slug}",
        when: { subject: "pattern" },
      },
      serviceAccountEmail: "${parameter.service-account-email}",
    },
    documents: {
      binding: {
        json: {
          role: "roles/iam.workloadIdentityUser",
          members: [
            "principal://iam.googleapis.com/projects/${value.project-number}/locations/${value.location}/workloadIdentityPools/${value.pool-id}/subject/${subject}",
          ],
        },
        when: { has: "service-account-email", subject: "exact" },
      },
      "binding-for-pattern": {
        json: {
          role: "roles/iam.workloadIdentityUser",
          members: [
            "principalSet://iam.googleapis.com/projects/${value.project-number}/locations/${value.location}/workloadIdentityPools/${value.pool-id}/attribute.podpass/${account.slug}",
          ],
        },
        when: { has: "service-account-email", subject: "pattern" },
      },
    },
    steps: [
      {
        title: "Create the pool.",
        once: true,
        command: [
          "gcloud",
          "iam",
          "workload-identity-pools",
          "create",
          "${value.pool-id}",
          "--project=${value.project-number}",
          "--location=${value.location}",
        ],
      },
      {
        title: "Save the cluster's keys; do it again whenever they change.",
        once: true,
        when: { keys: "upload" },
        command: ["printf", "%s\\n", { json: "${json.jwks}" }],
        writes: "cluster-jwks.json",
      },
      {
        title: "Register the cluster as a provider of the pool.",
        once: true,
        command: [
          "gcloud",
          "iam",
          "workload-identity-pools",
          "providers",
          "create-oidc",
          "${value.provider-id}",
          "--project=${value.project-number}",
          "--location=${value.location}",
          "--workload-identity-pool=${value.pool-id}",
          "--issuer-uri=${issuer}",
          "--allowed-audiences=${audience}",
          { word: "--attribute-mapping=google.subject=assertion.sub", when: { subject: "exact" } },
          { word: `--attribute-mapping=${MAPPING_FOR_PATTERN}`, when: { subject: "pattern" } },
          { word: "--jwk-json-path=cluster-jwks.json", when: { keys: "upload" } },
          {
            word: "--attribute-condition=assertion.sub.matches('${subject.regex}')",
            when: { subject: "pattern" },
          },
        ],
      },
      {
        title: "Let the pod impersonate the Google service account.",
        when: { has: "service-account-email" },
        command: [
          "gcloud",
          "iam",
          "service-accounts",
          "add-iam-policy-binding",
          "${parameter.service-account-email}",
          "--role=roles/iam.workloadIdentityUser",
          {
            word: "--member=principal://iam.googleapis.com/projects/${value.project-number}/locations/${value.location}/workloadIdentityPools/${value.pool-id}/subject/${subject}",
            when: { subject: "exact" },
          },
          {
            word: "--member=principalSet://iam.googleapis.com/projects/${value.project-number}/locations/${value.location}/workloadIdentityPools/${value.pool-id}/attribute.podpass/${account.slug}",
            when: { subject: "pattern" },
          },
        ],
      },
      {
        title: "Give the pod a role in the project.",
        when: { lacks: "service-account-email" },
        command: [
          "gcloud",
          "projects",
          "add-iam-policy-binding",
          "${parameter.project-id}",
          "--role=<role>",
          {
            word: "--member=principal://iam.googleapis.com/projects/${value.project-number}/locations/${value.location}/workloadIdentityPools/${value.pool-id}/subject/${subject}",
            when: { subject: "exact" },
          },
          {
            word: "--member=principalSet://iam.googleapis.com/projects/${value.project-number}/locations/${value.location}/workloadIdentityPools/${value.pool-id}/attribute.podpass/${account.slug}",
            when: { subject: "pattern" },
          },
        ],
      },
    ],
    maxSubjectBytes: 127,
    unverified: ["The commands of gcloud were not tried: it is in no registry."],
    notes: [
      "For a pattern of ServiceAccounts a provider of its own is needed: its condition decides who gets in, and its attribute `podpass` who has the role. Through a provider without that attribute nobody has it.",
      "For one ServiceAccount the principal in IAM decides who gets in. An attribute condition would bind the whole provider to it: set one only on a provider that is for nobody else.",
    ],
  },
};
