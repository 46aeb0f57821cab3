/** Whom Teleport lets in by a join token: the token is verified by its own code, in a program. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { goProgram } from "./go-programs.ts";

/** What the resource has that `tctl create` takes. */
export interface JoinToken {
  readonly spec: {
    readonly kubernetes: {
      /** Where Teleport fetches the keys. */
      readonly oidc?: { readonly issuer: string };
      /** Where it was given them. */
      readonly static_jwks?: { readonly jwks: string };
      readonly allow: readonly { readonly service_account: string }[];
    };
  };
}

/** A token, and by what it is judged. */
export interface TeleportQuestion {
  readonly clusterName: string;
  readonly joinToken: JoinToken;
  /** The keys that Teleport has, as JSON. */
  readonly jwks: string;
  readonly idToken: string;
}

/** Whom a join token lets in, by their subjects. */
export const subjectsOf = ({ spec }: JoinToken): readonly string[] =>
  spec.kubernetes.allow.map(({ service_account }) => `system:serviceaccount:${service_account}`);

/** The name of who may join, or what there is against it. */
export type TeleportAnswer =
  | { readonly kind: "accepted"; readonly username: string }
  | { readonly kind: "refused"; readonly message: string };

/** Asks it. The Go programs have to be there. */
export const teleportCheck = async (question: TeleportQuestion): Promise<TeleportAnswer> => {
  const { clusterName, joinToken, jwks, idToken } = question;
  const program = spawn(goProgram("go-teleport", "teleport-check"), { stdio: "pipe" });
  program.stdin.end(JSON.stringify({ clusterName, jwks, idToken }));
  const [out, errors] = await Promise.all([text(program.stdout), text(program.stderr)]);
  if (out === "") return { kind: "refused", message: errors };
  const username = out.trim();
  // Its own code for that is a part of the whole Auth Service, which cannot be built.
  const isAllowed = subjectsOf(joinToken).includes(username);
  return isAllowed ? { kind: "accepted", username } : { kind: "refused", message: "no allow rule matches" };
};
