/** The drivers of where data is. */
import { databricks } from "../cluster/relying-parties/databricks.ts";
import { snowflake } from "../cluster/relying-parties/snowflake.ts";
import { databricksPython, snowflakeProgram, snowflakePython } from "./data-programs.ts";
import { document, field, type SdkCase } from "./sdk-cases.ts";

const user = {
  provider: "snowflake",
  parameters: { account: "myorg-myaccount" },
  hosts: ["myorg-myaccount.snowflakecomputing.com"],
  registered: (told) => ({
    issuer: field(told, "issuer"),
    audience: field(told, "audience"),
    subjects: [field(told, "subject")],
  }),
  provide: (told, trust) => [snowflake({ trust, account: field(told, "account"), user: "REPORTS" })],
  prints: () => "REPORTS",
} satisfies Partial<SdkCase>;

interface FederationPolicy {
  readonly oidc_policy: {
    readonly issuer: string;
    readonly audiences: readonly string[];
    readonly subject: string;
  };
}

const principal: SdkCase = {
  provider: "databricks",
  language: "python",
  program: databricksPython,
  parameters: { "client-id": "22222222-3333-4444-5555-666666666666" },
  platform: () => ({
    host: "https://dbc-12345678-9abc.cloud.databricks.com",
    "token-audience": "11111111-2222-3333-4444-555555555555",
  }),
  hosts: ["dbc-12345678-9abc.cloud.databricks.com"],
  registered: (told) => {
    const { issuer, audiences, subject } = document<FederationPolicy>(told, "federation-policy").oidc_policy;
    return { issuer, audience: audiences[0] ?? "", subjects: [subject] };
  },
  provide: (told, trust) => [databricks({ trust, host: field(told, "host"), clientId: field(told, "clientId") })],
  prints: () => "22222222-3333-4444-5555-666666666666",
};

/** By the name of the ServiceAccount. */
export const dataCases: Readonly<Record<string, SdkCase>> = {
  snowflake: { ...user, language: "node", program: snowflakeProgram },
  "snowflake-python": { ...user, language: "python", program: snowflakePython },
  "databricks-python": principal,
};
