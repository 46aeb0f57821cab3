import type { Preset } from "../provider-spec.ts";

/** Teleport: the token that tbot and agents join with. */
export const teleport: Preset = {
  name: "teleport",
  title: "Teleport",
  description: "A bot or an agent of Teleport that joins by the method kubernetes.",
  support: "code",
  documentation: "https://goteleport.com/docs/reference/join-methods/#kubernetes-kubernetes",
  token: {
    audience: "${parameter.cluster-name}",
    // Teleport refuses a token of more than half an hour, and its own charts ask for ten minutes.
    expirationSeconds: { default: 600, min: 600, max: 1800 },
  },
  parameters: {
    "cluster-name": {
      description: "The name of the Teleport cluster.",
      required: true,
      scope: "platform",
      pattern: "^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$",
      example: "example.teleport.sh",
    },
  },
  env: { KUBERNETES_TOKEN_PATH: "${token.file}" },
  seenWith: [
    { registry: "Go", sdk: "github.com/gravitational/teleport", version: "1.3.3-0.20240109093301-f31c91231698" },
  ],
  notes: [
    "Teleport refuses tokens that are good for more than 30 minutes, and such as are bound to no pod.",
    "The agents and tbot still need their own configuration: the join method kubernetes and the name of the join token.",
  ],
  unverified: [
    "The token was read and verified by Teleport's own code of January 2024 (15.0.0-dev), the newest that the tests can get; nothing has joined a cluster, and neither tbot nor an agent was run.",
    "That a cluster which fetches the keys bounds the lifetime in the same way was read in its source.",
  ],
  trust: {
    keys: "either",
    fields: {
      audience: "${audience}",
      jwks: "${jwks.upload}",
      serviceAccount: "${serviceAccount.namespace}:${serviceAccount.name}",
    },
    documents: {
      "join-token": {
        when: { keys: "discovery" },
        json: {
          kind: "token",
          version: "v2",
          metadata: { name: "${account.slug}" },
          spec: {
            roles: ["Bot"],
            bot_name: "<bot-name>",
            join_method: "kubernetes",
            kubernetes: {
              type: "oidc",
              oidc: { issuer: "${issuer}" },
              allow: [{ service_account: "${serviceAccount.namespace}:${serviceAccount.name}" }],
            },
          },
        },
      },
      "join-token-with-keys": {
        when: { keys: "upload" },
        json: {
          kind: "token",
          version: "v2",
          metadata: { name: "${account.slug}" },
          spec: {
            roles: ["Bot"],
            bot_name: "<bot-name>",
            join_method: "kubernetes",
            kubernetes: {
              type: "static_jwks",
              static_jwks: { jwks: "${jwks}" },
              allow: [{ service_account: "${serviceAccount.namespace}:${serviceAccount.name}" }],
            },
          },
        },
      },
    },
    steps: [
      {
        title: "Create the join token: a file with this document, and tctl create -f.",
        when: { keys: "discovery" },
        place: "tctl",
        form: { Name: "${account.slug}" },
        documents: ["join-token"],
      },
      {
        title: "Create the join token: a file with this document, and tctl create -f.",
        when: { keys: "upload" },
        place: "tctl",
        form: { Name: "${account.slug}" },
        documents: ["join-token-with-keys"],
      },
    ],
    notes: ["Keys that are handed over have to be handed over again whenever the cluster's change."],
    unverified: [
      "Written from the documentation of version 19. Of the document with keys, the keys were given to Teleport's own code; tctl was not run.",
    ],
  },
};
