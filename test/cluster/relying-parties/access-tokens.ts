/** The access tokens that a relying party has given out. */
import { randomBytes } from "node:crypto";

/** See the file's comment. */
export interface AccessTokens {
  issue(owner: string, lifetimeSeconds: number): { readonly token: string; readonly expiresIn: number };
  /** Who owns a token; `undefined` for one that is unknown or expired. */
  ownerOf(token: string): string | undefined;
}

/** Starts with no tokens; each begins with `prefix`. */
export const createAccessTokens = (prefix: string): AccessTokens => {
  const issued = new Map<string, { owner: string; expiresAt: number }>();
  return {
    issue(owner, lifetimeSeconds) {
      const token = prefix + randomBytes(24).toString("base64url");
      issued.set(token, { owner, expiresAt: Date.now() + lifetimeSeconds * 1000 });
      return { token, expiresIn: lifetimeSeconds };
    },
    ownerOf(token) {
      const found = issued.get(token);
      return found && found.expiresAt > Date.now() ? found.owner : undefined;
    },
  };
};
