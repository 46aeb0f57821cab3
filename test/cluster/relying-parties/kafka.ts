/** A Kafka broker without Kafka's protocol: whom it takes the bearer of a token for. */
import { bearer, type Handle, json } from "./listen.ts";

/** The subject of a token that the broker trusts; `undefined` for any other. */
export type SubjectOf = (token: string) => Promise<string | undefined>;

/** Answers `GET /principal`; a broker refuses by this text. */
export const kafka =
  (subjectOf: SubjectOf): Handle =>
  async (incoming) => {
    if (incoming.method !== "GET" || incoming.path !== "/principal") return undefined;
    const subject = await subjectOf(bearer(incoming));
    if (subject === undefined) return json(401, { status: "invalid_token" });
    return { status: 200, body: `User:${subject}` };
  };
