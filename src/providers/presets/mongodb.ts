import type { Preset } from "../provider-spec.ts";

/** MongoDB, MONGODB-OIDC: the drivers' `ENVIRONMENT:k8s`. */
export const mongodb: Preset = {
  name: "mongodb",
  title: "MongoDB Atlas and Enterprise",
  description: "A database user of a workload identity provider, by MONGODB-OIDC.",
  support: "code",
  documentation: "https://www.mongodb.com/docs/drivers/node/current/security/authentication/oidc/",
  token: {
    audience: "${parameter.token-audience}",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
  },
  parameters: {
    "token-audience": {
      description: "The audience of the workload identity provider in Atlas or on the server.",
      required: true,
      scope: "platform",
      pattern: "^[^\\s\\p{Z}\\p{Cf}]+$",
      example: "https://mongodb.example.com",
    },
  },
  env: {
    // The drivers have no variable of their own: of the two that they borrow, this one is read first.
    AZURE_FEDERATED_TOKEN_FILE: "${token.file}",
  },
  conflictsWith: ["azure"],
  notes: [
    "The connection string has to say so: `authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:k8s`. Old drivers do not know ENVIRONMENT:k8s.",
    "The pod's token is the database's access token: nothing is exchanged.",
    "Beside it the drivers for Node.js (7.9.0), Python (4.20.1) and Go (2.10.0) no longer present the token of AWS_WEB_IDENTITY_TOKEN_FILE; AWS SDKs go on using that.",
    "AZURE_FEDERATED_TOKEN_FILE is one of Azure's variables: an Azure SDK in the same container would present MongoDB's token.",
  ],
  trust: {
    keys: "discovery",
    fields: {
      issuerUri: "${issuer}",
      audience: "${audience}",
      userClaim: "sub",
      username: "<identity-provider-id>/${subject}",
    },
    steps: [
      {
        title: "Register the cluster as a workload identity provider of the Atlas organization.",
        once: true,
        command: [
          "atlas",
          "federatedAuthentication",
          "federationSettings",
          "identityProvider",
          "create",
          "oidc",
          "${issuer.slug}",
          "--federationSettingsId",
          "<federation-settings-id>",
          "--idpType",
          "WORKLOAD",
          "--issuerUri",
          "${issuer}",
          "--audience",
          "${audience}",
          "--authorizationType",
          "USER",
          "--userClaim",
          "sub",
          "--groupsClaim",
          "groups",
          "--desc",
          "${issuer.slug}",
        ],
      },
      {
        title: "Create the database user that the ServiceAccount is.",
        command: [
          "atlas",
          "dbusers",
          "create",
          "--username",
          "<identity-provider-id>/${subject}",
          "--oidcType",
          "USER",
          "--role",
          "<role>@<database>",
        ],
      },
    ],
    notes: [
      "Connect the provider to the organization in Atlas before its users can log in; the first command prints its ID.",
      "On a server of your own: `oidcIdentityProviders` with the same issuer and audience, `useAuthorizationClaim: false`, and a user in `$external` called `<authNamePrefix>/${subject}`.",
    ],
    unverified: [
      "The commands were not tried: the CLI is in no registry that the tests reach. The first wants a groupsClaim even where users are authorized by name.",
    ],
  },
};
