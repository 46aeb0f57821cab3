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
      pattern: "^\\S+$",
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
    "AZURE_FEDERATED_TOKEN_FILE is one of Azure's variables: an Azure SDK in the same container would present MongoDB's token.",
  ],
};
