/** The schema of what the platform allows. */
import * as z from "zod";
import { NAMESPACE_PATTERN } from "./names.ts";
import { named, seconds } from "./schema-parts.ts";

const audience = () => z.string().min(1).max(1024);

const answer = () => z.enum(["Deny", "Warn", "Off"]);

/** The schema of `policy`. */
export const policySchema = () =>
  z.strictObject({
    enforcement: z
      .enum(["Enforce", "Warn"])
      .optional()
      .describe("`Warn` turns every refusal and clamp below into a warning and a count. Default: `Enforce`."),
    exemptNamespaces: z
      .array(named(NAMESPACE_PATTERN))
      .optional()
      .describe(
        "Namespaces in which nothing is refused or clamped, beside Podpass' own. Default: `kube-system`, `kube-node-lease`.",
      ),
    tokens: z
      .strictObject({
        expirationSeconds: z
          .strictObject({
            min: seconds().optional().describe("The shortest lifetime. Default: 600."),
            max: seconds().optional().describe("The longest lifetime. Default: 4294967296."),
            violation: z
              .enum(["Clamp", "Deny", "Warn"])
              .optional()
              .describe("What happens to a lifetime outside. Default: `Clamp`."),
          })
          .optional()
          .describe("Bounds of every token's lifetime, in seconds, hand-written ones too."),
        audiences: z
          .strictObject({
            allow: z
              .array(audience())
              .optional()
              .describe("Allowed beside the API server's own and the providers'; `*` is a wildcard."),
            violation: z.enum(["Deny", "Warn"]).optional().describe("What happens to others. Default: `Deny`."),
          })
          .optional()
          .describe("Which audiences a token may have. Not written: all."),
        apiServerAudiences: z
          .array(audience())
          .min(1)
          .optional()
          .describe(
            "What the API server gives a TokenRequest that asks for no audience (`--api-audiences`, else its issuer). Not written: the audiences of TokenRequests are not judged.",
          ),
        requests: answer()
          .optional()
          .describe(
            "What happens to a TokenRequest outside the same bounds, whoever makes it but a node. Default: `Off`.",
          ),
        legacySecrets: answer()
          .optional()
          .describe(
            "What happens to a new Secret of type `kubernetes.io/service-account-token`, whose token has no end and no audience. Default: `Off`.",
          ),
      })
      .optional()
      .describe("Rules for every projected ServiceAccount token of every pod, and for other ways to a token."),
    invalidServiceAccount: z
      .enum(["Deny", "Warn"])
      .optional()
      .describe("What happens to pods of a federated ServiceAccount that cannot be resolved. Default: `Deny`."),
    podOverrides: z
      .array(z.enum(["expiration-seconds"]))
      .optional()
      .describe("What a pod's annotation may override. Default: nothing."),
  });
