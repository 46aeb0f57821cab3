/** Programs that connect to where data is, with what their drivers find by themselves. */
import { createRequire } from "node:module";
import type { SdkProgram } from "../cluster/sdk-programs.ts";

const require = createRequire(import.meta.url);

/** Asks who it is. */
export const snowflakeProgram: SdkProgram = {
  locateSdk: () => require.resolve("snowflake-sdk"),
  source: `
import snowflake from "snowflake-sdk";
snowflake.configure({ logLevel: "OFF" });
const connection = snowflake.createConnection();
await connection.connectAsync();
const rows = await new Promise((resolve, reject) => {
  const complete = (error, _statement, found) => (error ? reject(error) : resolve(found));
  connection.execute({ sqlText: "SELECT CURRENT_USER()", complete });
});
console.log(rows[0]["CURRENT_USER()"]);
await new Promise((resolve) => connection.destroy(resolve));`,
};

/** Asks who it is. */
export const snowflakePython: SdkProgram = {
  source: `
import warnings
warnings.simplefilter("ignore", FutureWarning)
import snowflake.connector
connection = snowflake.connector.connect()
print(connection.cursor().execute("SELECT CURRENT_USER()").fetchone()[0])
connection.close()`,
};

/** Asks who it is. */
export const databricksPython: SdkProgram = {
  source: `
from databricks.sdk import WorkspaceClient
print(WorkspaceClient().current_user.me().user_name)`,
};
