/** Services that are met by what their vendors run in a cluster, beside the SDKs of `go-cases.ts`. */
import { teleport } from "../cluster/relying-parties/teleport.ts";
import type { GoCase } from "./go-cases.ts";
import { document, field } from "./sdk-cases.ts";
import { type JoinToken, subjectsOf, teleportCheck } from "./teleport-check.ts";

const CLUSTER_NAME = "example.teleport.sh";

const teleportCase = {
  provider: "teleport",
  language: "go",
  program: "teleport",
  parameters: {},
  platform: () => ({ "cluster-name": CLUSTER_NAME }),
  hosts: [CLUSTER_NAME],
  registered: (told) => {
    const joinToken = document<JoinToken>(told, "join-token");
    return {
      issuer: joinToken.spec.kubernetes.oidc?.issuer ?? "",
      audience: field(told, "audience"),
      subjects: subjectsOf(joinToken),
    };
  },
  provide: (told, trust) => {
    const joinToken = document<JoinToken>(told, "join-token");
    const admit = async (idToken: string) => {
      const jwks = JSON.stringify(trust.jwks);
      const answer = await teleportCheck({ clusterName: CLUSTER_NAME, joinToken, jwks, idToken });
      return answer.kind === "accepted" ? answer.username : undefined;
    };
    return [teleport({ trust, admit })];
  },
  prints: (subject) => subject,
} satisfies GoCase;

/** By the name of the ServiceAccount. */
export const goServiceCases: Readonly<Record<string, GoCase>> = { "teleport-go": teleportCase };
