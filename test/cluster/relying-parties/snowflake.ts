/** Snowflake: the login by workload identity, and one query. */
import { randomUUID } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { createAccessTokens } from "./access-tokens.ts";
import { type Handle, type Incoming, json, jsonBody, type Reply } from "./listen.ts";
import { type Trust, verifyToken } from "./verify.ts";

/** One user, which stands for the subjects of the trust. */
export interface SnowflakeOptions {
  readonly trust: Trust;
  readonly account: string;
  readonly user: string;
}

const success = (data: unknown): Reply => json(200, { data, code: null, message: null, success: true });

// The form is the drivers'; which codes there are is not known.
const failure = (code: string, message: string): Reply =>
  json(200, { data: { nextAction: null, inFlightCtx: null }, code, message, success: false, headers: null });

/** Drivers may compress what they send. */
const readBody = (incoming: Incoming): Readonly<Record<string, unknown>> =>
  jsonBody(
    incoming.headers["content-encoding"] === "gzip" ? { ...incoming, body: gunzipSync(incoming.body) } : incoming,
  );

const result = (name: string, value: string) => ({
  parameters: [],
  rowtype: [{ name, type: "text", length: 255, byteLength: 1020, nullable: true, scale: null, precision: null }],
  rowset: [[value]],
  total: 1,
  returned: 1,
  queryId: randomUUID(),
  sqlState: null,
  statementTypeId: 4096,
  version: 1,
  queryResultFormat: "json",
});

/** Answers logins, `SELECT CURRENT_USER()`, and what drivers send beside them. */
export const snowflake = ({ trust, account, user }: SnowflakeOptions): Handle => {
  const tokens = createAccessTokens("ver:3-hint:1-");

  const logIn = async (incoming: Incoming): Promise<Reply> => {
    const sent = readBody(incoming)["data"];
    const fields: Record<string, unknown> = typeof sent === "object" && sent !== null ? { ...sent } : {};
    if (fields["AUTHENTICATOR"] !== "WORKLOAD_IDENTITY" || fields["PROVIDER"] !== "OIDC")
      return failure("390100", "Incorrect username or password was specified.");
    if (fields["ACCOUNT_NAME"] !== account) return failure("390201", "The requested account does not exist.");
    const verdict = await verifyToken(String(fields["TOKEN"]), trust);
    if (verdict.kind === "refused") return failure("390144", `The workload identity is invalid: ${verdict.message}`);
    return success({
      token: tokens.issue(user, 3600).token,
      validityInSeconds: 3600,
      masterToken: tokens.issue(user, 14_400).token,
      masterValidityInSeconds: 14_400,
      displayUserName: user,
      serverVersion: "10.0.0",
      firstLogin: false,
      healthCheckInterval: 45,
      sessionId: 1,
      parameters: [],
      sessionInfo: { databaseName: null, schemaName: null, warehouseName: null, roleName: "PUBLIC" },
    });
  };

  const query = (incoming: Incoming, owner: string): Reply => {
    const text = String(readBody(incoming)["sqlText"]);
    return text === "SELECT CURRENT_USER()"
      ? success(result("CURRENT_USER()", owner))
      : failure("001003", `SQL compilation error: ${text}`);
  };

  const answers: Readonly<Record<string, (incoming: Incoming, owner: string) => Reply>> = {
    "/queries/v1/query-request": query,
    // The end of a session, and what drivers tell of themselves.
    "/session": () => success(null),
    "/telemetry/send": () => success("Log Received"),
  };

  return async (incoming) => {
    if (incoming.method !== "POST") return undefined;
    if (incoming.path === "/session/v1/login-request") return logIn(incoming);
    const answer = answers[incoming.path];
    if (answer === undefined) return undefined;
    const token = /^Snowflake Token="(.*)"$/u.exec(incoming.headers.authorization ?? "")?.[1] ?? "";
    const owner = tokens.ownerOf(token);
    return owner === undefined ? failure("390104", "Authentication token is invalid.") : answer(incoming, owner);
  };
};
