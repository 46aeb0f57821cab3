/** Every SDK that is proven end to end: its ServiceAccount, its program, and the relying party that it logs in at. */
import type { JSONWebKeySet } from "jose";
import { type PodParts, tokenPod } from "../cluster/pod-parts.ts";
import { anthropic } from "../cluster/relying-parties/anthropic.ts";
import { awsSts } from "../cluster/relying-parties/aws-sts.ts";
import { azure } from "../cluster/relying-parties/azure.ts";
import { coreweave } from "../cluster/relying-parties/coreweave.ts";
import { enkryptify } from "../cluster/relying-parties/enkryptify.ts";
import { gcp } from "../cluster/relying-parties/gcp.ts";
import { kubernetes } from "../cluster/relying-parties/kubernetes.ts";
import type { Handle } from "../cluster/relying-parties/listen.ts";
import { openAi } from "../cluster/relying-parties/openai.ts";
import { s3 } from "../cluster/relying-parties/s3.ts";
import type { Trust } from "../cluster/relying-parties/verify.ts";
import {
  anthropicProgram,
  azureProgram,
  gcpProgram,
  openAiProgram,
  type SdkProgram,
  s3Program,
} from "../cluster/sdk-programs.ts";
import {
  anthropicPython,
  enkryptifyProgram,
  googlePython,
  kubectlScript,
  kubernetesProgram,
  kubernetesPython,
  liteLlmPython,
  s3Python,
} from "./programs.ts";
import type { Told } from "./trust.ts";

/** Whom a provider was told to trust, read from its own form. */
export type Registered = Pick<Trust, "issuer" | "audience" | "subjects">;

/** What runs a case's program; a shell's has the programs of the control plane's release in its path. */
export type Language = "node" | "python" | "shell";

/** See the file's comment. */
export interface SdkCase {
  readonly provider: string;
  /** Where it has another name. */
  readonly preset?: string;
  readonly language: Language;
  readonly program: SdkProgram;
  /** Parameters without the prefix. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Parameters that the platform sets; `ca` is the authority of the provider's certificate, as PEM. */
  readonly platform?: (ca: string) => Readonly<Record<string, string>>;
  readonly hosts: readonly string[];
  /** Reads what the provider was told. */
  readonly registered: (told: Told) => Registered;
  /** The provider. `told` has the names that are its own. */
  readonly provide: (told: Told, trust: Trust) => readonly Handle[];
  readonly prints: (subject: string) => string;
  /** Variables of the container's own that the identity takes the place of. */
  readonly beside?: Readonly<Record<string, string>>;
  /** What the provider's own guide tells people to write into a manifest, or what its own webhook writes. */
  readonly handWritten?: Pick<PodParts, "container" | "spec"> | undefined;
}

const handWritten = (
  audience: string,
  expirationSeconds: number,
  mountPath: string,
  env: Readonly<Record<string, string>> = {},
): Pick<PodParts, "container" | "spec"> => {
  const { container, ...pod } = tokenPod({ audience, expirationSeconds, path: "token" }, mountPath);
  return { ...pod, container: { ...container, env: Object.entries(env).map(([name, value]) => ({ name, value })) } };
};

/** What the provider was told under a name of its own. Throws where that is nothing. */
export const field = ({ fields }: Told, name: string): string => {
  const value = fields[name];
  if (value === undefined) throw new Error(`podpass trust does not say ${name}`);
  return value;
};

/** A document that the provider was told to take. Throws where there is none. */
export const document = <Document>({ documents }: Told, name: string): Document => {
  if (!Object.hasOwn(documents, name)) throw new Error(`podpass trust has no document ${name}`);
  return documents[name] as Document;
};

/** The keys that a provider was handed, where it takes keys; otherwise those that it fetches from the issuer. */
export const keysFor = (told: Told, published: JSONWebKeySet): JSONWebKeySet =>
  told.keys === "upload" && told.fields["jwksJson"] !== undefined ? JSON.parse(told.fields["jwksJson"]) : published;

interface TrustPolicy {
  readonly Statement: readonly [
    {
      readonly Principal: { readonly Federated: string };
      readonly Condition: { readonly StringEquals: Record<string, string> };
    },
  ];
}

/** Reads a trust policy as IAM does: the provider's ARN names the issuer, and the conditions are keyed by it. */
const awsRegistered = (told: Told): Registered => {
  const [{ Principal, Condition }] = document<TrustPolicy>(told, "trust-policy").Statement;
  const host = Principal.Federated.replace(/^arn:aws:iam::\d{12}:oidc-provider\//u, "");
  if (Principal.Federated !== field(told, "providerArn") || `https://${host}` !== field(told, "providerUrl"))
    throw new Error("the trust policy names another provider than the one that is registered");
  const audience = Condition.StringEquals[`${host}:aud`] ?? "";
  const subject = Condition.StringEquals[`${host}:sub`] ?? "";
  if (audience !== field(told, "clientId")) throw new Error("the provider's client ID is not the policy's audience");
  return { issuer: field(told, "providerUrl"), audience, subjects: [subject] };
};

const report = "42 pods";
const objects = new Map([["reports/2026/november.txt", Buffer.from(report)]]);
const googleObjects = new Map([["reports/november.txt", report]]);

/** A role that assumes by a token. */
export const aws = {
  provider: "aws",
  parameters: { "role-arn": "arn:aws:iam::123456789012:role/reports", region: "eu-west-1", "session-name": "reports" },
  hosts: ["sts.eu-west-1.amazonaws.com", "reports.s3.eu-west-1.amazonaws.com"],
  registered: awsRegistered,
  provide: (told, trust) => {
    const sessions = new Map();
    return [
      awsSts({ trust, roleArn: field(told, "roleArn"), sessions }),
      s3({ sessions, region: "eu-west-1", objects, virtualHostsOf: "s3.eu-west-1.amazonaws.com" }),
    ];
  },
  prints: () => report,
  // As https://github.com/aws/amazon-eks-pod-identity-webhook writes it.
  handWritten: handWritten("sts.amazonaws.com", 86_400, "/var/run/secrets/eks.amazonaws.com/serviceaccount", {
    AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/reports",
    AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
  }),
} satisfies Partial<SdkCase>;

interface RolePolicy {
  readonly Statement: readonly [{ readonly Principal: { readonly AWS: string } }];
}

/** A role of another account, which trusts the first one alone; the first one may read nothing. */
export const awsTarget = {
  ...aws,
  parameters: { ...aws.parameters, "target-role-arn": "arn:aws:iam::210987654321:role/their-reports" },
  provide: (told: Told, trust: Trust) => {
    const sessions = new Map();
    const [targetRoleArn, roleArn] = [field(told, "targetRoleArn"), field(told, "roleArn")];
    const [{ Principal }] = document<RolePolicy>(told, "target-trust-policy").Statement;
    if (Principal.AWS !== roleArn) throw new Error(`the target role trusts ${Principal.AWS}`);
    return [
      awsSts({ trust, roleArn, targetRoleArn, sessions }),
      s3({ sessions, region: "eu-west-1", objects, virtualHostsOf: "s3.eu-west-1.amazonaws.com", only: targetRoleArn }),
    ];
  },
  handWritten: undefined,
};

const STORE = "https://s3.store.example.com";

interface StorePolicy {
  readonly Statement: readonly [{ readonly Condition: { readonly StringEquals: Record<string, string> } }];
}

/** A store of one's own. The SDK for JavaScript puts the bucket into the host, boto3 into the path. */
export const store = (language: "node" | "python") =>
  ({
    provider: "s3-sts",
    language,
    parameters: { "role-arn": "arn:aws:iam:::role/reports" },
    platform: () => ({ endpoint: STORE, "sts-endpoint": `${STORE}/`, "token-audience": "my-store" }),
    hosts: ["s3.store.example.com", "reports.s3.store.example.com"],
    registered: (told: Told): Registered => {
      const [{ Condition }] = document<StorePolicy>(told, "trust-policy").Statement;
      const host = field(told, "providerUrl").replace("https://", "");
      const { [`${host}:aud`]: audience = "", [`${host}:sub`]: subject = "" } = Condition.StringEquals;
      return { issuer: field(told, "providerUrl"), audience, subjects: [subject] };
    },
    provide: (told: Told, trust: Trust) => {
      const sessions = new Map();
      const hosts = language === "node" ? { virtualHostsOf: "s3.store.example.com" } : {};
      return [
        awsSts({ trust, roleArn: field(told, "roleArn"), sessions }),
        s3({ sessions, region: "us-east-1", objects, ...hosts }),
      ];
    },
    prints: () => report,
  }) satisfies Partial<SdkCase>;

interface AuthenticationConfiguration {
  readonly jwt: readonly [{ readonly issuer: { readonly url: string; readonly audiences: readonly string[] } }];
}

const otherCluster = {
  provider: "kubernetes",
  parameters: { namespace: "reports" },
  platform: (ca) => ({
    server: "https://cluster-b.example.com",
    "token-audience": "https://cluster-b.example.com",
    "certificate-authority-data": Buffer.from(ca).toString("base64"),
  }),
  hosts: ["cluster-b.example.com"],
  registered: (told) => {
    const [{ issuer }] = document<AuthenticationConfiguration>(told, "authentication-configuration").jwt;
    return { issuer: issuer.url, audience: issuer.audiences[0] ?? "", subjects: [field(told, "username")] };
  },
  provide: (_told, trust) => [kubernetes({ trust, namespace: "reports", pods: ["november", "december"] })],
  prints: () => "november december",
} satisfies Partial<SdkCase>;

const coreweaveRegistered = (told: Told): Registered => {
  const issuer = field(told, "issuerUrl");
  const principal = field(told, "principal");
  if (!principal.startsWith(`role/${issuer}:`)) throw new Error(`the principal ${principal} is not of ${issuer}`);
  return { issuer, audience: field(told, "clientId"), subjects: [principal.slice(`role/${issuer}:`.length)] };
};

/** An organization whose principal may read. */
export const coreweaveCase = {
  provider: "coreweave-object-storage",
  parameters: { "organization-id": "org1", region: "US-EAST-04A" },
  hosts: ["api.coreweave.com", "reports.cwobject.com"],
  registered: coreweaveRegistered,
  provide: (told, trust) => {
    const sessions = new Map();
    return [
      coreweave({ trust, organizationId: field(told, "organizationId"), sessions }),
      s3({ sessions, region: "US-EAST-04A", objects, virtualHostsOf: "cwobject.com" }),
    ];
  },
  prints: () => report,
} satisfies Partial<SdkCase>;

const googleRegistered = (told: Told): Registered => {
  const [pool, subject = ""] = field(told, "principal").split("/subject/");
  const name = field(told, "workloadIdentityProvider").replace(/\/providers\/.*$/u, "");
  if (pool !== `principal://iam.googleapis.com/${name}`) throw new Error(`the principal is of another pool: ${pool}`);
  if (field(told, "attributeMapping") !== "google.subject=assertion.sub") throw new Error("sub is not mapped");
  return { issuer: field(told, "issuerUri"), audience: field(told, "allowedAudience"), subjects: [subject] };
};

const google = {
  provider: "gcp",
  parameters: {
    "workload-identity-provider": "projects/1/locations/global/workloadIdentityPools/pool/providers/k8s",
    "project-id": "my-project",
  },
  hosts: ["sts.googleapis.com", "iamcredentials.googleapis.com", "storage.googleapis.com"],
  registered: googleRegistered,
  provide: (told, trust) => {
    const workloadIdentityProvider = field(told, "workloadIdentityProvider");
    const serviceAccountEmail = told.fields["serviceAccountEmail"];
    const impersonated = serviceAccountEmail === undefined ? {} : { serviceAccountEmail };
    return [gcp({ trust, workloadIdentityProvider, objects: googleObjects, ...impersonated })];
  },
  prints: () => report,
} satisfies Partial<SdkCase>;

const impersonation = { "service-account-email": "reports@my-project.iam.gserviceaccount.com" };

interface FederatedCredential {
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
}

/** An application with a federated credential. */
export const azureCase = {
  provider: "azure",
  parameters: {
    "client-id": "11111111-2222-3333-4444-555555555555",
    "tenant-id": "99999999-2222-3333-4444-555555555555",
  },
  hosts: ["login.microsoftonline.com"],
  registered: (told) => {
    const { issuer, subject, audiences } = document<FederatedCredential>(told, "federated-credential");
    return { issuer, audience: audiences[0] ?? "", subjects: [subject] };
  },
  provide: (told, trust) => [azure({ trust, tenantId: field(told, "tenantId"), clientId: field(told, "clientId") })],
  prints: () => "eyJ0.test.",
} satisfies Partial<SdkCase>;

interface FederationRule {
  readonly match: { readonly subject_prefix: string; readonly audience: string };
}

const anthropicCase = {
  provider: "anthropic",
  parameters: {
    "federation-rule-id": "fdrl_1",
    "organization-id": "11111111-2222-3333-4444-555555555555",
    "service-account-id": "svac_1",
  },
  hosts: ["api.anthropic.com"],
  registered: (told) => {
    const { match } = document<FederationRule>(told, "federation-rule");
    return { issuer: field(told, "issuerUrl"), audience: match.audience, subjects: [match.subject_prefix] };
  },
  provide: (told, trust) => [
    anthropic({
      trust,
      federationRuleId: field(told, "federationRuleId"),
      organizationId: field(told, "organizationId"),
      serviceAccountId: field(told, "serviceAccountId"),
    }),
  ],
  prints: (subject) => `Hello ${subject}`,
} satisfies Partial<SdkCase>;

const openAiCase = {
  provider: "openai",
  parameters: { "identity-provider-id": "idp_1", "service-account-id": "user-1" },
  hosts: ["auth.openai.com", "api.openai.com"],
  registered: (told) => {
    if (field(told, "mappingKey") !== "sub") throw new Error("the mapping is not by subject");
    const [audience, subject] = [field(told, "audience"), field(told, "mappingValue")];
    return { issuer: field(told, "oidcIssuerUrl"), audience, subjects: [subject] };
  },
  provide: (told, trust) => [
    openAi({
      trust,
      identityProviderId: field(told, "identityProviderId"),
      serviceAccountId: field(told, "serviceAccountId"),
    }),
  ],
  prints: (subject) => `Hello ${subject}`,
  handWritten: handWritten("https://api.openai.com/v1", 3600, "/var/run/secrets/tokens"),
} satisfies Partial<SdkCase>;

const enkryptifyCase = {
  provider: "enkryptify",
  parameters: {},
  hosts: ["api.enkryptify.com"],
  registered: (told) => ({
    issuer: field(told, "issuerUrl"),
    audience: field(told, "audience"),
    subjects: [field(told, "subject")],
  }),
  provide: (_told, trust) => [
    enkryptify({
      trust,
      workspace: "acme",
      project: "reports",
      environmentId: "production",
      secrets: { A: "1", B: "2" },
    }),
  ],
  prints: () => "A=1 B=2",
  handWritten: handWritten("enkryptify", 3600, "/var/run/secrets/tokens", {
    ENKRYPTIFY_TOKEN_PATH: "/var/run/secrets/tokens/token",
    ENKRYPTIFY_API_URL: "https://api.enkryptify.com",
  }),
} satisfies Partial<SdkCase>;

/** By the name of the ServiceAccount. */
export const sdkCases: Readonly<Record<string, SdkCase>> = {
  aws: { ...aws, language: "node", program: s3Program },
  coreweave: { ...coreweaveCase, language: "node", program: s3Program },
  "gcp-direct": { ...google, language: "node", program: gcpProgram },
  "gcp-impersonated": {
    ...google,
    language: "node",
    program: gcpProgram,
    parameters: { ...google.parameters, ...impersonation },
  },
  azure: { ...azureCase, language: "node", program: azureProgram },
  anthropic: { ...anthropicCase, language: "node", program: anthropicProgram },
  openai: { ...openAiCase, language: "node", program: openAiProgram },
  enkryptify: { ...enkryptifyCase, language: "node", program: enkryptifyProgram },
  "s3-sts": { ...store("node"), program: s3Program },
  "s3-sts-python": { ...store("python"), program: s3Python },
  kubernetes: { ...otherCluster, language: "node", program: kubernetesProgram },
  "kubernetes-python": { ...otherCluster, language: "python", program: kubernetesPython },
  kubectl: { ...otherCluster, language: "shell", program: kubectlScript },
  "aws-target": { ...awsTarget, language: "node", program: s3Program },
  "aws-target-python": { ...awsTarget, language: "python", program: s3Python },
  "aws-python": { ...aws, language: "python", program: s3Python },
  "coreweave-python": {
    ...coreweaveCase,
    language: "python",
    program: s3Python,
    parameters: { ...coreweaveCase.parameters, "addressing-style": "virtual" },
  },
  "gcp-direct-python": { ...google, language: "python", program: googlePython },
  "gcp-impersonated-python": {
    ...google,
    language: "python",
    program: googlePython,
    parameters: { ...google.parameters, ...impersonation },
  },
  // It reads the third variable too, so the preset is another one, and what is registered is the same.
  "litellm-python": { ...openAiCase, provider: "litellm", language: "python", program: liteLlmPython },
  "anthropic-python": { ...anthropicCase, language: "python", program: anthropicPython },
};

/** The annotations of a ServiceAccount for a case; `audience` is another than the provider's own. */
export const annotationsOf = (
  { provider, parameters }: Pick<SdkCase, "provider" | "parameters">,
  audience?: string,
): Record<string, string> => ({
  "podpass.dev/federate": provider,
  ...Object.fromEntries(
    Object.entries({ ...parameters, ...(audience === undefined ? {} : { audience }) }).map(([name, value]) => [
      `${provider}.podpass.dev/${name}`,
      value,
    ]),
  ),
});
