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
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
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
  notes: [
    "The agents and tbot still need their own configuration: the join method kubernetes and the name of the join token.",
  ],
  unverified: [
    "That the audience is the cluster's name.",
    "Read in the documentation of version 19; nothing has joined.",
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
    unverified: ["Written from the documentation of version 19; not tried."],
  },
};
