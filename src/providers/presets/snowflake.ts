import type { Preset } from "../provider-spec.ts";

/** Snowflake's drivers: a connection in connections.toml, in the directory that SNOWFLAKE_HOME names. */
export const snowflake: Preset = {
  name: "snowflake",
  title: "Snowflake",
  description: "A Snowflake user of type service, by workload identity federation.",
  support: "env+file",
  documentation: "https://docs.snowflake.com/en/user-guide/workload-identity-federation",
  token: {
    audience: "snowflakecomputing.com",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
  },
  parameters: {
    account: {
      description: "The account identifier.",
      required: true,
      pattern: "^[A-Za-z0-9][\\w-]*(\\.[A-Za-z0-9][\\w-]*)*$",
      example: "myorg-myaccount",
    },
    role: {
      description: "The role that sessions begin with.",
      pattern: "^[A-Za-z_][\\w$]{0,254}$",
      example: "MY_ROLE",
    },
    warehouse: {
      description: "The warehouse that sessions begin with.",
      pattern: "^[A-Za-z_][\\w$]{0,254}$",
      example: "MY_WAREHOUSE",
    },
    database: {
      description: "The database that sessions begin with.",
      pattern: "^[A-Za-z_][\\w$]{0,254}$",
      example: "MY_DATABASE",
    },
    host: {
      description: "The host, where it does not follow from the account: for a private link, say.",
      scope: "platform",
      pattern: "^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$",
      example: "myorg-myaccount.privatelink.snowflakecomputing.com",
    },
  },
  env: {
    SNOWFLAKE_HOME: "${token.dir}",
    // The driver for Node.js wants files that belong to its own user, as those of a volume do not.
    SKIP_TOKEN_FILE_PERMISSIONS_VERIFICATION: "1",
    SF_SKIP_WARNING_FOR_READ_PERMISSIONS_ON_CONFIG_FILE: "true",
  },
  files: [
    {
      name: "connections.toml",
      toml: {
        default: {
          account: "${parameter.account}",
          host: "${parameter.host}",
          authenticator: "WORKLOAD_IDENTITY",
          workload_identity_provider: "OIDC",
          token_file_path: "${token.file}",
          role: "${parameter.role}",
          warehouse: "${parameter.warehouse}",
          database: "${parameter.database}",
        },
      },
    },
  ],
  shadowedBy: ["SNOWFLAKE_CONNECTIONS", "SNOWFLAKE_DEFAULT_CONNECTION_NAME"],
  seenWith: [
    { registry: "npm", sdk: "snowflake-sdk", version: "3.3.0" },
    { registry: "PyPI", sdk: "snowflake-connector-python", version: "5.2.0" },
  ],
  notes: [
    "The program has to connect without arguments: connect() of snowflake-connector-python, createConnection() of snowflake-sdk. dbt, Airflow and JDBC take properties of their own.",
    "Drivers that keep the connection present the token of their start: they read the file once for each connection.",
    "SNOWFLAKE_HOME is where drivers look for everything of theirs: a config.toml of the image is no longer found.",
    "A user whose OIDC_AUDIENCE_LIST has another audience needs it in token.audience of this provider, or in the annotation `audience`.",
  ],
  unverified: ["The driver for Go was not run: its documentation names SNOWFLAKE_HOME."],
  trust: {
    keys: "discovery",
    fields: { issuer: "${issuer}", subject: "${subject}", audience: "${audience}", account: "${parameter.account}" },
    steps: [
      {
        title: "Create the user in Snowflake, as somebody who may.",
        place: "a worksheet",
        statement: {
          language: "sql",
          lines: [
            'CREATE USER "${account.slug}"',
            "  TYPE = SERVICE",
            "  WORKLOAD_IDENTITY = (",
            "    TYPE = OIDC",
            "    ISSUER = '${issuer}'",
            "    SUBJECT = '${subject}'",
            "    OIDC_AUDIENCE_LIST = ('${audience}')",
            "  );",
          ],
        },
      },
    ],
    notes: [
      "The user has no role yet but PUBLIC: grant it one. A user that is there already takes the same WORKLOAD_IDENTITY by ALTER USER … SET.",
    ],
    unverified: ["The statement is what Snowflake's pages say, and was not tried."],
  },
};
