/** What the services' own SDKs read. */
import type { Preset } from "../../src/providers/provider-spec.ts";

/**
 * What the real SDKs read, written down by hand from runs of them, their source and the vendors' pages, with each
 * parameter at its example. Nothing here is taken from the presets.
 */
export interface Documented {
  readonly audience: string;
  readonly token: string;
  /** The default is an hour, unless it is said. */
  readonly lifetime: readonly [min: number, max: number, standard?: number];
  readonly support: Preset["support"];
  readonly env: Readonly<Record<string, string>>;
  /** Content by path; JSON as a value, any other format as it is written. */
  readonly files?: Readonly<Record<string, unknown>>;
  /** How the service gets the keys of a cluster that it cannot reach. */
  readonly withoutReach: "discovery" | "upload";
  /** Some of what wins over the identity, and some of what it wins over. */
  readonly shadowedBy?: readonly string[];
  readonly shadowedEvenEmpty?: readonly string[];
  readonly displaces?: readonly string[];
  /** Without it, or set to something else, the SDK does not look for the token. */
  readonly chosenBy?: readonly string[];
}

const UUID = "11111111-2222-3333-4444-555555555555";
export const POOL = "projects/123456789012/locations/global/workloadIdentityPools/my-pool/providers/my-cluster";

/** By preset. */
export const DOCUMENTED: Readonly<Record<string, Documented>> = {
  aws: {
    audience: "sts.amazonaws.com",
    token: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
    lifetime: [600, 86400],
    support: "env",
    withoutReach: "discovery",
    env: {
      AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/my-api",
      AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
      AWS_ROLE_SESSION_NAME: "my-api",
      AWS_REGION: "eu-west-1",
      AWS_DEFAULT_REGION: "eu-west-1",
      AWS_CONFIG_FILE: "/var/run/secrets/podpass.dev/aws/config",
    },
    files: {
      "/var/run/secrets/podpass.dev/aws/config": [
        "[default]",
        "role_arn = arn:aws:iam::210987654321:role/their-role",
        "source_profile = podpass",
        "role_session_name = my-api",
        "region = eu-west-1",
        "",
        "[profile podpass]",
        "role_arn = arn:aws:iam::123456789012:role/my-api",
        "web_identity_token_file = /var/run/secrets/podpass.dev/aws/token",
        "role_session_name = my-api",
        "region = eu-west-1",
        "",
      ].join("\n"),
    },
    shadowedBy: ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"],
    shadowedEvenEmpty: ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"],
    displaces: ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
  },
  gcp: {
    audience: `https://iam.googleapis.com/${POOL}`,
    token: "/var/run/secrets/podpass.dev/gcp/token",
    lifetime: [600, 86400],
    support: "env+file",
    withoutReach: "upload",
    env: {
      GOOGLE_APPLICATION_CREDENTIALS: "/var/run/secrets/podpass.dev/gcp/credentials.json",
      CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE: "/var/run/secrets/podpass.dev/gcp/credentials.json",
      GOOGLE_CLOUD_PROJECT: "my-project",
      CLOUDSDK_CORE_PROJECT: "my-project",
    },
    files: {
      "/var/run/secrets/podpass.dev/gcp/credentials.json": {
        type: "external_account",
        audience: `//iam.googleapis.com/${POOL}`,
        subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
        token_url: "https://sts.googleapis.com/v1/token",
        service_account_impersonation_url:
          "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/my-api@my-project.iam.gserviceaccount.com:generateAccessToken",
        credential_source: { file: "/var/run/secrets/podpass.dev/gcp/token", format: { type: "text" } },
      },
    },
    shadowedBy: ["CLOUDSDK_AUTH_ACCESS_TOKEN", "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"],
    displaces: ["GCE_METADATA_HOST"],
  },
  azure: {
    audience: "api://AzureADTokenExchange",
    token: "/var/run/secrets/azure/tokens/azure-identity-token",
    lifetime: [3600, 86400],
    support: "env",
    withoutReach: "discovery",
    env: {
      AZURE_CLIENT_ID: UUID,
      AZURE_TENANT_ID: "99999999-2222-3333-4444-555555555555",
      AZURE_FEDERATED_TOKEN_FILE: "/var/run/secrets/azure/tokens/azure-identity-token",
      AZURE_AUTHORITY_HOST: "https://login.microsoftonline.us/",
    },
    shadowedBy: ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH"],
    shadowedEvenEmpty: ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH"],
    displaces: ["IDENTITY_ENDPOINT"],
  },
  nebius: {
    audience: "sts.nebius.com",
    token: "/var/run/secrets/podpass.dev/nebius/token",
    lifetime: [600, 86400],
    support: "code",
    withoutReach: "upload",
    // Names of our own, for what the SDK takes in code.
    env: {
      NEBIUS_SERVICE_ACCOUNT_ID: "serviceaccount-e00abc123",
      NEBIUS_FEDERATED_CREDENTIALS_FILE: "/var/run/secrets/podpass.dev/nebius/token",
    },
  },
  openai: {
    audience: "https://api.openai.com/v1",
    token: "/var/run/secrets/tokens/token",
    lifetime: [600, 86400],
    support: "code",
    withoutReach: "upload",
    env: { OPENAI_IDENTITY_PROVIDER_ID: "idp_abc123", OPENAI_SERVICE_ACCOUNT_ID: "user-abc123" },
    shadowedBy: ["OPENAI_API_KEY"],
  },
  litellm: {
    audience: "https://api.openai.com/v1",
    token: "/var/run/secrets/tokens/token",
    lifetime: [600, 86400],
    support: "env",
    withoutReach: "upload",
    env: {
      OPENAI_IDENTITY_PROVIDER_ID: "idp_abc123",
      OPENAI_SERVICE_ACCOUNT_ID: "user-abc123",
      OPENAI_IDENTITY_TOKEN_FILE: "/var/run/secrets/tokens/token",
    },
    shadowedBy: ["OPENAI_API_KEY"],
  },
  enkryptify: {
    audience: "enkryptify",
    token: "/var/run/secrets/tokens/token",
    lifetime: [600, 86400],
    support: "code",
    withoutReach: "discovery",
    env: {
      ENKRYPTIFY_TOKEN_PATH: "/var/run/secrets/tokens/token",
      ENKRYPTIFY_API_URL: "https://api.enkryptify.com",
    },
  },
  "coreweave-object-storage": {
    audience: "https://coreweave.com/iam",
    token: "/var/run/secrets/podpass.dev/coreweave-object-storage/token",
    lifetime: [600, 86400],
    support: "env+file",
    withoutReach: "discovery",
    env: {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "https://api.coreweave.com/v1/cwobject/temporary-credentials/oidc/abc123",
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/var/run/secrets/podpass.dev/coreweave-object-storage/token",
      AWS_REGION: "US-EAST-04A",
      AWS_DEFAULT_REGION: "US-EAST-04A",
      AWS_ENDPOINT_URL_S3: "http://cwlota.com",
      AWS_CONFIG_FILE: "/var/run/secrets/podpass.dev/coreweave-object-storage/aws-config",
    },
    files: {
      "/var/run/secrets/podpass.dev/coreweave-object-storage/aws-config":
        "[default]\ns3 =\n  addressing_style = virtual\n",
    },
    shadowedBy: ["AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
    shadowedEvenEmpty: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
  },
  anthropic: {
    audience: "https://api.anthropic.com",
    token: "/var/run/secrets/anthropic.com/token",
    lifetime: [600, 3600],
    support: "env",
    withoutReach: "upload",
    env: {
      ANTHROPIC_FEDERATION_RULE_ID: "fdrl_abc123",
      ANTHROPIC_ORGANIZATION_ID: UUID,
      ANTHROPIC_SERVICE_ACCOUNT_ID: "svac_abc123",
      ANTHROPIC_WORKSPACE_ID: "wrkspc_abc123",
      ANTHROPIC_IDENTITY_TOKEN_FILE: "/var/run/secrets/anthropic.com/token",
    },
    shadowedBy: ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE"],
    shadowedEvenEmpty: ["ANTHROPIC_API_KEY"],
    displaces: ["ANTHROPIC_IDENTITY_TOKEN"],
  },
  "openai-codex": {
    audience: "https://api.openai.com/v1",
    token: "/var/run/secrets/openai.com/identity-token",
    lifetime: [600, 86400],
    support: "env",
    withoutReach: "upload",
    env: {
      OPENAI_FEDERATION_RULE_ID: "idpm_abc123",
      OPENAI_IDENTITY_TOKEN_FILE: "/var/run/secrets/openai.com/identity-token",
    },
  },
  databricks: {
    audience: UUID,
    token: "/var/run/secrets/podpass.dev/databricks/token",
    lifetime: [600, 86400],
    support: "env",
    withoutReach: "upload",
    env: {
      DATABRICKS_HOST: "https://dbc-12345678-9abc.cloud.databricks.com",
      DATABRICKS_AUTH_TYPE: "file-oidc",
      DATABRICKS_OIDC_TOKEN_FILEPATH: "/var/run/secrets/podpass.dev/databricks/token",
      DATABRICKS_OIDC_TOKEN_FILE: "/var/run/secrets/podpass.dev/databricks/token",
      DATABRICKS_CLIENT_ID: "22222222-3333-4444-5555-666666666666",
      DATABRICKS_ACCOUNT_ID: "33333333-4444-5555-6666-777777777777",
    },
    displaces: ["DATABRICKS_TOKEN", "DATABRICKS_CLIENT_SECRET"],
    chosenBy: ["DATABRICKS_AUTH_TYPE"],
  },
  wandb: {
    audience: "my-org",
    token: "/var/run/secrets/podpass.dev/wandb/token",
    lifetime: [600, 86400],
    support: "env",
    withoutReach: "discovery",
    env: {
      WANDB_IDENTITY_TOKEN_FILE: "/var/run/secrets/podpass.dev/wandb/token",
      WANDB_CREDENTIALS_FILE: "/scratch/wandb-credentials.json",
      WANDB_BASE_URL: "https://wandb.example.com",
    },
    shadowedBy: ["WANDB_API_KEY"],
  },
  tailscale: {
    audience: "api.tailscale.com/kAbc123CNTRL",
    token: "/var/run/secrets/podpass.dev/tailscale/token",
    lifetime: [600, 86400],
    support: "env",
    withoutReach: "discovery",
    env: {
      TS_CLIENT_ID: "kAbc123CNTRL",
      TS_ID_TOKEN: "file:/var/run/secrets/podpass.dev/tailscale/token",
      TS_EXTRA_ARGS: "--advertise-tags=tag:my-api,tag:production",
    },
    shadowedBy: ["TS_AUTHKEY", "TS_AUDIENCE", "TS_CLIENT_SECRET"],
  },
  alibaba: {
    audience: "sts.aliyuncs.com",
    token: "/var/run/secrets/ack.alibabacloud.com/rrsa-tokens/token",
    lifetime: [600, 43200],
    support: "env",
    withoutReach: "discovery",
    env: {
      ALIBABA_CLOUD_ROLE_ARN: "acs:ram::1234567890123456:role/my-api",
      ALIBABA_CLOUD_OIDC_PROVIDER_ARN: "acs:ram::1234567890123456:oidc-provider/my-cluster",
      ALIBABA_CLOUD_OIDC_TOKEN_FILE: "/var/run/secrets/ack.alibabacloud.com/rrsa-tokens/token",
      ALIBABA_CLOUD_ROLE_SESSION_NAME: "my-api",
      ALIBABA_CLOUD_STS_REGION: "eu-central-1",
      ALIBABA_CLOUD_STS_ENDPOINT: "sts-vpc.eu-central-1.aliyuncs.com",
      ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED: "true",
    },
    shadowedBy: ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
    displaces: ["ALIBABA_CLOUD_CREDENTIALS_URI"],
  },
  stackit: {
    audience: "sts.accounts.stackit.cloud",
    token: "/var/run/secrets/stackit.cloud/serviceaccount/token",
    lifetime: [600, 86400],
    support: "env",
    withoutReach: "discovery",
    env: {
      STACKIT_SERVICE_ACCOUNT_EMAIL: "my-api-1a2b3c4d@sa.stackit.cloud",
      STACKIT_FEDERATED_TOKEN_FILE: "/var/run/secrets/stackit.cloud/serviceaccount/token",
      STACKIT_IDP_TOKEN_ENDPOINT: "https://accounts.stackit.cloud/oauth/v2/token",
      STACKIT_IDP_TOKEN_EXPIRATION_SECONDS: "3600",
    },
    displaces: ["STACKIT_SERVICE_ACCOUNT_KEY"],
  },
  vault: {
    audience: "https://vault.example.com",
    token: "/var/run/secrets/podpass.dev/vault/token",
    lifetime: [600, 86400],
    support: "code",
    withoutReach: "discovery",
    env: {
      VAULT_ADDR: "https://vault.example.com:8200",
      VAULT_ROLE: "my-api",
      VAULT_JWT_PATH: "/var/run/secrets/podpass.dev/vault/token",
    },
    shadowedBy: ["VAULT_TOKEN"],
  },
  mongodb: {
    audience: "https://mongodb.example.com",
    token: "/var/run/secrets/podpass.dev/mongodb/token",
    lifetime: [600, 86400],
    support: "code",
    withoutReach: "discovery",
    env: { AZURE_FEDERATED_TOKEN_FILE: "/var/run/secrets/podpass.dev/mongodb/token" },
  },
  "azure-terraform": {
    audience: "api://AzureADTokenExchange",
    token: "/var/run/secrets/azure/tokens/azure-identity-token",
    lifetime: [3600, 86400],
    support: "env",
    withoutReach: "discovery",
    env: {
      ARM_USE_OIDC: "true",
      ARM_CLIENT_ID: UUID,
      ARM_TENANT_ID: "99999999-2222-3333-4444-555555555555",
      ARM_OIDC_TOKEN_FILE_PATH: "/var/run/secrets/azure/tokens/azure-identity-token",
      ARM_SUBSCRIPTION_ID: "88888888-2222-3333-4444-555555555555",
    },
    shadowedBy: ["ARM_CLIENT_SECRET"],
    chosenBy: ["ARM_USE_OIDC"],
  },
  conjur: {
    audience: "conjur",
    token: "/var/run/secrets/podpass.dev/conjur/token",
    lifetime: [600, 86400],
    support: "env",
    withoutReach: "upload",
    env: {
      CONJUR_APPLIANCE_URL: "https://conjur.example.com",
      CONJUR_ACCOUNT: "my-org",
      CONJUR_AUTHN_JWT_SERVICE_ID: "my-cluster",
      CONJUR_AUTHN_JWT_HOST_ID: "host/my-cluster/my-api",
      JWT_TOKEN_PATH: "/var/run/secrets/podpass.dev/conjur/token",
      CONJUR_CREDENTIAL_STORAGE: "none",
    },
    shadowedBy: ["CONJUR_AUTHN_TOKEN_FILE", "CONJUR_AUTHN_TOKEN", "CONJUR_AUTHN_JWT_TOKEN"],
    displaces: ["CONJUR_AUTHN_LOGIN", "CONJUR_AUTHN_API_KEY"],
  },
  hcp: {
    audience: "https://hcp.example.com",
    token: "/var/run/secrets/podpass.dev/hcp/token",
    lifetime: [600, 86400],
    support: "env+file",
    withoutReach: "discovery",
    env: { HCP_CRED_FILE: "/var/run/secrets/podpass.dev/hcp/credentials.json" },
    files: {
      "/var/run/secrets/podpass.dev/hcp/credentials.json": {
        scheme: "workload",
        project_id: UUID,
        workload: {
          provider_resource_name:
            "iam/project/11111111-2222-3333-4444-555555555555/service-principal/my-api/workload-identity-provider/my-cluster",
          file: { path: "/var/run/secrets/podpass.dev/hcp/token" },
        },
      },
    },
  },
  "huawei-cloud": {
    audience: "my-cluster",
    token: "/var/run/secrets/podpass.dev/huawei-cloud/token",
    lifetime: [600, 86400],
    support: "env",
    withoutReach: "discovery",
    env: {
      HUAWEICLOUD_OIDC_PROVIDER_URN: "iam::0123456789abcdef:oidc-provider:my-cluster",
      HUAWEICLOUD_OIDC_AGENCY_URN: "iam::0123456789abcdef:agency:my-api",
      HUAWEICLOUD_OIDC_TOKEN_FILE: "/var/run/secrets/podpass.dev/huawei-cloud/token",
      HUAWEICLOUD_OIDC_SESSION_NAME: "my-api",
      HUAWEICLOUD_SDK_PROJECT_ID: "0123456789abcdef0123456789abcdef",
      HUAWEICLOUD_SDK_DOMAIN_ID: "fedcba9876543210fedcba9876543210",
      HUAWEICLOUD_SDK_STS_ENDPOINT: "https://sts.ap-southeast-3.myhuaweicloud.com",
    },
    shadowedBy: ["HUAWEICLOUD_OIDC_ID_TOKEN"],
    displaces: ["HUAWEICLOUD_SDK_AK", "HC_CONTAINER_CREDENTIALS_FULL_URI"],
  },
  "kafka-strimzi": {
    audience: "kafka",
    token: "/var/run/secrets/podpass.dev/kafka-strimzi/token",
    lifetime: [600, 86400],
    support: "code",
    withoutReach: "discovery",
    // The first without, the last with a token endpoint.
    env: {
      OAUTH_ACCESS_TOKEN_LOCATION: "/var/run/secrets/podpass.dev/kafka-strimzi/token",
      OAUTH_TOKEN_ENDPOINT_URI: "https://auth.example.com/realms/kafka/protocol/openid-connect/token",
      OAUTH_CLIENT_ID: "my-api",
      OAUTH_CLIENT_ASSERTION_LOCATION: "/var/run/secrets/podpass.dev/kafka-strimzi/token",
    },
    shadowedBy: ["OAUTH_ACCESS_TOKEN", "OAUTH_REFRESH_TOKEN", "OAUTH_PASSWORD_GRANT_USERNAME", "OAUTH_CLIENT_SECRET"],
    displaces: ["OAUTH_CLIENT_ASSERTION"],
  },
  keycloak: {
    audience: "https://auth.example.com/realms/my-realm",
    token: "/var/run/secrets/podpass.dev/keycloak/token",
    lifetime: [600, 3600],
    support: "code",
    withoutReach: "discovery",
    env: {
      QUARKUS_OIDC_CLIENT_AUTH_SERVER_URL: "https://auth.example.com/realms/my-realm",
      QUARKUS_OIDC_CLIENT_CLIENT_ID: "my-api",
      QUARKUS_OIDC_CLIENT_CREDENTIALS_JWT_SOURCE: "bearer",
      QUARKUS_OIDC_CLIENT_CREDENTIALS_JWT_TOKEN_PATH: "/var/run/secrets/podpass.dev/keycloak/token",
    },
    shadowedBy: ["QUARKUS_OIDC_CLIENT_CREDENTIALS_SECRET", "QUARKUS_OIDC_CLIENT_CREDENTIALS_CLIENT_SECRET_VALUE"],
    chosenBy: ["QUARKUS_OIDC_CLIENT_CREDENTIALS_JWT_SOURCE"],
  },
  kubernetes: {
    audience: "https://cluster-b.example.com",
    token: "/var/run/secrets/podpass.dev/kubernetes/token",
    lifetime: [600, 86400],
    support: "env+file",
    withoutReach: "discovery",
    env: { KUBECONFIG: "/var/run/secrets/podpass.dev/kubernetes/kubeconfig" },
    files: {
      "/var/run/secrets/podpass.dev/kubernetes/kubeconfig": {
        apiVersion: "v1",
        kind: "Config",
        clusters: [
          {
            name: "cluster",
            cluster: {
              server: "https://cluster-b.example.com:6443",
              "certificate-authority-data": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==",
            },
          },
        ],
        users: [
          {
            name: "user",
            user: {
              tokenFile: "/var/run/secrets/podpass.dev/kubernetes/token",
              "token-file": "/var/run/secrets/podpass.dev/kubernetes/token",
            },
          },
        ],
        contexts: [{ name: "context", context: { cluster: "cluster", user: "user", namespace: "production" } }],
        "current-context": "context",
      },
    },
  },
  "s3-sts": {
    audience: "my-store",
    token: "/var/run/secrets/podpass.dev/s3-sts/token",
    lifetime: [600, 86400],
    support: "env",
    withoutReach: "discovery",
    env: {
      AWS_ROLE_ARN: "arn:aws:iam:::role/my-api",
      AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/secrets/podpass.dev/s3-sts/token",
      AWS_ROLE_SESSION_NAME: "my-api",
      AWS_ENDPOINT_URL_STS: "https://s3.example.com",
      AWS_ENDPOINT_URL_S3: "https://s3.example.com",
      AWS_REGION: "default",
      AWS_DEFAULT_REGION: "default",
    },
    shadowedBy: ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_CONFIG_FILE"],
    shadowedEvenEmpty: ["AWS_PROFILE"],
    displaces: ["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
  },
  sigstore: {
    audience: "sigstore",
    token: "/var/run/sigstore/cosign/oidc-token",
    lifetime: [600, 86400],
    support: "env",
    withoutReach: "discovery",
    env: {},
    shadowedBy: ["SIGSTORE_ID_TOKEN"],
  },
  snowflake: {
    audience: "snowflakecomputing.com",
    token: "/var/run/secrets/podpass.dev/snowflake/token",
    lifetime: [600, 86400],
    support: "env+file",
    withoutReach: "discovery",
    env: {
      SNOWFLAKE_HOME: "/var/run/secrets/podpass.dev/snowflake",
      SKIP_TOKEN_FILE_PERMISSIONS_VERIFICATION: "1",
      SF_SKIP_WARNING_FOR_READ_PERMISSIONS_ON_CONFIG_FILE: "true",
    },
    files: {
      "/var/run/secrets/podpass.dev/snowflake/connections.toml": [
        "[default]",
        'account = "myorg-myaccount"',
        'host = "myorg-myaccount.privatelink.snowflakecomputing.com"',
        'authenticator = "WORKLOAD_IDENTITY"',
        'workload_identity_provider = "OIDC"',
        'token_file_path = "/var/run/secrets/podpass.dev/snowflake/token"',
        'role = "MY_ROLE"',
        'warehouse = "MY_WAREHOUSE"',
        'database = "MY_DATABASE"',
        "",
      ].join("\n"),
    },
    shadowedBy: ["SNOWFLAKE_CONNECTIONS", "SNOWFLAKE_DEFAULT_CONNECTION_NAME"],
  },
  teleport: {
    audience: "example.teleport.sh",
    token: "/var/run/secrets/podpass.dev/teleport/token",
    lifetime: [600, 1800, 600],
    support: "code",
    withoutReach: "upload",
    env: { KUBERNETES_TOKEN_PATH: "/var/run/secrets/podpass.dev/teleport/token" },
  },
  tencent: {
    audience: "sts.cloud.tencent.com",
    token: "/var/run/secrets/podpass.dev/tencent/token",
    lifetime: [600, 86400],
    support: "code",
    withoutReach: "discovery",
    env: {
      TKE_REGION: "ap-guangzhou",
      TKE_PROVIDER_ID: "my-cluster",
      TKE_WEB_IDENTITY_TOKEN_FILE: "/var/run/secrets/podpass.dev/tencent/token",
      TKE_ROLE_ARN: "qcs::cam::uin/100000000001:roleName/my-api",
    },
  },
  thalassa: {
    audience: "https://api.thalassa.cloud",
    token: "/var/run/secrets/thalassa/token",
    lifetime: [600, 86400],
    support: "env",
    withoutReach: "discovery",
    env: {
      THALASSA_ORGANISATION_ID: "o-abc123",
      THALASSA_SERVICE_ACCOUNT_ID: "sa-abc123",
      THALASSA_PROJECT_ID: "p-abc123",
      THALASSA_ORGANISATION: "o-abc123",
      THALASSA_PROJECT: "p-abc123",
      THALASSA_SUBJECT_TOKEN_FILE: "/var/run/secrets/thalassa/token",
    },
    displaces: ["THALASSA_SUBJECT_TOKEN", "THALASSA_TOKEN"],
  },
  volcengine: {
    audience: "sts.volcengine.com",
    token: "/var/run/secrets/vke.volcengine.com/irsa-tokens/token",
    lifetime: [600, 86400],
    support: "env",
    withoutReach: "discovery",
    env: {
      VOLCENGINE_OIDC_ROLE_TRN: "trn:iam::2100000000:role/my-api",
      VOLCENGINE_OIDC_TOKEN_FILE: "/var/run/secrets/vke.volcengine.com/irsa-tokens/token",
      VOLCENGINE_OIDC_ROLE_SESSION_NAME: "my-api",
      VOLCENGINE_OIDC_STS_ENDPOINT: "sts.volcengineapi.com",
    },
    shadowedBy: ["VOLCENGINE_ACCESS_KEY"],
  },
};
