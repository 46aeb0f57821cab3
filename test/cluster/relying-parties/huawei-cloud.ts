/** Huawei Cloud's STS: `assume-with-oidc`, and who has the credentials that come of it. */
import { randomUUID } from "node:crypto";
import { type CloudSessions, openCloudSession, type SignatureScheme, signedBy } from "./cloud-signature.ts";
import { type Handle, type Incoming, json, jsonBody, type Reply } from "./listen.ts";
import { type Trust, verifyToken } from "./verify.ts";

/** One agency, and the identity provider that it trusts. */
export interface HuaweiCloudOptions {
  readonly trust: Trust;
  readonly providerUrn: string;
  readonly agencyUrn: string;
}

const scheme: SignatureScheme = {
  algorithm: "SDK-HMAC-SHA256",
  timeHeader: "x-sdk-date",
  tokenHeader: "x-security-token",
  signedHeaders: ["host", "x-sdk-date", "x-security-token"],
  endsWithSlash: true,
};

// The form is the SDK's; which codes there are is not known.
const failure = (status: number, code: string, message: string): Reply =>
  json(status, { error_code: code, error_msg: message, request_id: randomUUID() });

/** Answers `POST /v5/agencies/assume-with-oidc` and `GET /v5/caller-identity`. */
export const huaweiCloud = ({ trust, providerUrn, agencyUrn }: HuaweiCloudOptions): Handle => {
  const sessions: CloudSessions = new Map();

  const assume = async (incoming: Incoming): Promise<Reply> => {
    const fields = jsonBody(incoming);
    const verdict = await verifyToken(String(fields["id_token"]), trust);
    if (verdict.kind === "refused") return failure(401, "STS5.0401", verdict.message);
    if (fields["provider_urn"] !== providerUrn || fields["agency_urn"] !== agencyUrn)
      return failure(403, "STS5.0403", "the agency does not trust this provider");
    const owner = `${agencyUrn.replace(":agency:", ":assumed-agency:")}/${fields["agency_session_name"]}`;
    const { accessKeyId, secret, token, expiresAt } = openCloudSession(sessions, "HST", owner);
    return json(201, {
      credentials: {
        access_key_id: accessKeyId,
        secret_access_key: secret,
        security_token: token,
        expiration: expiresAt.toISOString(),
      },
      assumed_agency: { urn: owner, id: randomUUID() },
    });
  };

  const whoAmI = (incoming: Incoming): Reply => {
    const session = signedBy(incoming, sessions, scheme);
    if (session === undefined) return failure(401, "APIGW.0301", "Incorrect IAM authentication information");
    return json(200, { account_id: "1", principal_urn: session.owner, principal_id: randomUUID() });
  };

  return async (incoming) => {
    const request = `${incoming.method} ${incoming.path}`;
    if (request === "POST /v5/agencies/assume-with-oidc") return assume(incoming);
    return request === "GET /v5/caller-identity" ? whoAmI(incoming) : undefined;
  };
};
