/** SDKs for Go that are proven end to end, as `sdk-cases.ts` has those of other languages. */
import { conjur } from "../cluster/relying-parties/conjur.ts";
import { fulcio } from "../cluster/relying-parties/fulcio.ts";
import { hcp } from "../cluster/relying-parties/hcp.ts";
import { stackit } from "../cluster/relying-parties/stackit.ts";
import { aws, awsTarget, azureCase, coreweaveCase, document, field, type SdkCase, store } from "./sdk-cases.ts";

/** See the file's comment. */
export interface GoCase extends Omit<SdkCase, "language" | "program"> {
  readonly language: "go";
  /** The folder that has the program, in one of the modules. */
  readonly program: string;
}

const CONJUR = "https://conjur.example.com";

const conjurCase = {
  provider: "conjur",
  language: "go",
  program: "conjur",
  parameters: {},
  platform: () => ({
    "appliance-url": CONJUR,
    account: "my-org",
    "service-id": "my-cluster",
    "token-audience": "conjur",
  }),
  hosts: ["conjur.example.com"],
  registered: (told) => ({
    issuer: field(told, "issuer"),
    audience: field(told, "audience"),
    subjects: [field(told, "subject")],
  }),
  provide: (_told, trust) => [
    conjur({ trust, account: "my-org", serviceId: "my-cluster", variables: new Map([["reports/password", "s3cret"]]) }),
  ],
  prints: () => "s3cret",
  beside: { CONJUR_AUTHN_LOGIN: "host/other", CONJUR_AUTHN_API_KEY: "other" },
} satisfies GoCase;

const HOST = "host/my-cluster/reports";

const hcpCase = {
  provider: "hcp",
  language: "go",
  program: "hcp",
  parameters: {
    "provider-resource-name":
      "iam/project/11111111-2222-3333-4444-555555555555/service-principal/reports/workload-identity-provider/k8s",
  },
  platform: () => ({ "token-audience": "https://hcp.example.com" }),
  hosts: ["api.cloud.hashicorp.com"],
  registered: (told) => ({
    issuer: field(told, "issuerUri"),
    audience: field(told, "allowedAudiences"),
    subjects: [field(told, "subject")],
  }),
  provide: (told, trust) => [hcp({ trust, resourceName: field(told, "resourceName") })],
  prints: () => "iam/project/11111111-2222-3333-4444-555555555555/service-principal/reports",
} satisfies GoCase;

interface FederatedIdentityProvider {
  readonly issuer: string;
  readonly assertions: readonly { readonly item: string; readonly operator: "equals"; readonly value: string }[];
}

const stackitCase = {
  provider: "stackit",
  language: "go",
  program: "stackit",
  parameters: { "service-account-email": "reports-1a2b3c4d@sa.stackit.cloud" },
  hosts: ["accounts.stackit.cloud", "object-storage.api.stackit.cloud"],
  registered: (told) => {
    const { issuer, assertions } = document<FederatedIdentityProvider>(told, "federated-identity-provider");
    const { aud = "", sub = "" } = Object.fromEntries(assertions.map(({ item, value }) => [item, value]));
    return { issuer, audience: aud, subjects: [sub] };
  },
  provide: (told, trust) => [
    stackit({
      trust,
      serviceAccountEmail: field(told, "serviceAccountEmail"),
      project: "reports",
      buckets: ["november"],
    }),
  ],
  prints: () => "november",
  beside: { STACKIT_SERVICE_ACCOUNT_KEY: "{}", STACKIT_SERVICE_ACCOUNT_TOKEN: "other" },
} satisfies GoCase;

interface FulcioConfiguration {
  readonly OIDCIssuers: Readonly<Record<string, { readonly IssuerURL: string; readonly ClientID: string }>>;
}

const sigstoreCase = {
  provider: "sigstore",
  language: "go",
  program: "sigstore",
  parameters: {},
  hosts: ["fulcio.sigstore.dev"],
  registered: (told) => {
    const [issuer] = Object.values(document<FulcioConfiguration>(told, "fulcio-config").OIDCIssuers);
    // Whoever verifies names the ServiceAccount; Fulcio certifies everyone.
    return { issuer: issuer?.IssuerURL ?? "", audience: issuer?.ClientID ?? "", subjects: [field(told, "identity")] };
  },
  provide: (_told, trust) => [fulcio(trust)],
  prints: (subject) => {
    const [, , namespace, name] = subject.split(":");
    return `https://kubernetes.io/namespaces/${namespace}/serviceaccounts/${name}`;
  },
} satisfies GoCase;

/** By the name of the ServiceAccount. */
export const goCases: Readonly<Record<string, GoCase>> = {
  "aws-go": {
    ...aws,
    language: "go",
    program: "s3",
    beside: { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/other" },
  },
  "aws-target-go": { ...awsTarget, language: "go", program: "s3" },
  "coreweave-go": { ...coreweaveCase, language: "go", program: "s3" },
  "s3-sts-go": { ...store("node"), language: "go", program: "s3" },
  "conjur-go": conjurCase,
  "conjur-host-go": {
    ...conjurCase,
    parameters: { "host-id": HOST },
    provide: (_told, trust) => [
      conjur({
        trust,
        account: "my-org",
        serviceId: "my-cluster",
        hostId: HOST,
        variables: new Map([["reports/password", "s3cret"]]),
      }),
    ],
  },
  "hcp-go": hcpCase,
  "stackit-go": stackitCase,
  "azure-terraform-go": { ...azureCase, provider: "azure-terraform", language: "go", program: "azure-terraform" },
  "sigstore-go": sigstoreCase,
};
