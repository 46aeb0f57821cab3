/** Teleport: the proxy's address for those who join a cluster. */
import { type Handle, type Incoming, json, jsonBody, type Reply } from "./listen.ts";
import { type Trust, verifyToken } from "./verify.ts";

/** One cluster with one join token. */
export interface TeleportOptions {
  readonly trust: Trust;
  /** The name of whom Teleport lets in by the join token; undefined where it lets nobody in. */
  readonly admit: (idToken: string) => Promise<string | undefined>;
}

const denied = (message: string): Reply => json(403, { error: { message } });

/** Answers `POST /v1/webapi/host/credentials`, with the name of who has joined in place of certificates. */
export const teleport = ({ trust, admit }: TeleportOptions): Handle => {
  const register = async (incoming: Incoming): Promise<Reply> => {
    const idToken = String(jsonBody(incoming)["id_token"]);
    const verdict = await verifyToken(idToken, trust);
    if (verdict.kind === "refused") return denied(verdict.message);
    const username = await admit(idToken);
    return username === undefined ? denied("the join token lets nobody in with this") : { status: 200, body: username };
  };

  return async (incoming) =>
    `${incoming.method} ${incoming.path}` === "POST /v1/webapi/host/credentials" ? register(incoming) : undefined;
};
