import type { Preset } from "../provider-spec.ts";

/** The Tailscale container image. */
export const tailscale: Preset = {
  name: "tailscale",
  title: "Tailscale",
  description: "A tailnet node, joined by a federated identity in place of an auth key.",
  support: "env",
  documentation: "https://tailscale.com/docs/features/workload-identity-federation",
  token: {
    audience: "api.tailscale.com/${parameter.client-id}",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
  },
  parameters: {
    "client-id": {
      description: "The client ID of the federated identity.",
      required: true,
      pattern: "^[\\w.-]+$",
      example: "kAbc123CNTRL",
    },
    "advertise-tags": {
      description: "The tags of the node, separated by commas.",
      pattern: "^tag:[\\w:,-]+$",
      example: "tag:my-api,tag:production",
    },
  },
  env: {
    TS_CLIENT_ID: "${parameter.client-id}",
    TS_ID_TOKEN: "file:${token.file}",
    TS_EXTRA_ARGS: "--advertise-tags=${parameter.advertise-tags}",
  },
  // The container refuses to start with any of them beside an ID token.
  shadowedBy: ["TS_AUTHKEY", "TS_AUTH_KEY", "TS_CLIENT_SECRET", "TS_AUDIENCE", "TS_EXPERIMENTAL_VERSIONED_CONFIG_DIR"],
  notes: [
    "A federated identity needs tags: set advertise-tags, or write --advertise-tags into a TS_EXTRA_ARGS of your own, which is kept.",
    "TS_AUTHKEY, TS_CLIENT_SECRET and TS_AUDIENCE exclude the identity: with one of them the container (1.104.5) does not start.",
    "This is for the tailscale/tailscale image; the Kubernetes operator mounts a token of its own.",
  ],
  unverified: [
    "The audience is what Tailscale usually gives a federated identity; another one goes into the annotation `audience` or into token.audience of this provider.",
  ],
  trust: {
    keys: "discovery",
    fields: {
      issuer: "${issuer}",
      subject: "${subject}",
      audience: "${audience}",
      clientId: "${parameter.client-id}",
      tags: "${parameter.advertise-tags}",
    },
    steps: [
      {
        title: "Create a federated identity.",
        place: "the admin console, Trust credentials, Credential, OpenID Connect",
        form: {
          Issuer: "Custom issuer",
          "Issuer URL": "${issuer}",
          Subject: "${subject}",
          Audience: "${audience}",
          Scopes: "Keys / Auth Keys: write (auth_keys)",
          Tags: "${parameter.advertise-tags}",
        },
      },
    ],
    notes: [
      "Leave Audience blank while there is no client ID yet: Tailscale then makes it `api.tailscale.com/<client ID>`, which is what Podpass asks for.",
      "Both discovery documents have to be readable without credentials: bind system:service-account-issuer-discovery to the group system:unauthenticated, or publish them elsewhere.",
    ],
  },
};
