/** The drivers of where data is. */
import { snowflake } from "../cluster/relying-parties/snowflake.ts";
import { snowflakeProgram, snowflakePython } from "./data-programs.ts";
import { field, type SdkCase } from "./sdk-cases.ts";

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

/** By the name of the ServiceAccount. */
export const dataCases: Readonly<Record<string, SdkCase>> = {
  snowflake: { ...user, language: "node", program: snowflakeProgram },
  "snowflake-python": { ...user, language: "python", program: snowflakePython },
};
