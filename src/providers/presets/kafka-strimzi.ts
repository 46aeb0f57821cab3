import type { Preset } from "../provider-spec.ts";

/** Strimzi's OAuth client for Kafka: the token itself as the bearer, or as the assertion at a token endpoint. */
export const kafkaStrimzi: Preset = {
  name: "kafka-strimzi",
  title: "Kafka by Strimzi's OAuth client",
  description: "A Kafka broker that takes this cluster's tokens, or those of an authorization server that does.",
  support: "code",
  documentation: "https://github.com/strimzi/strimzi-kafka-oauth",
  token: {
    audience: "${parameter.token-audience}",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
  },
  parameters: {
    "token-audience": {
      description: "The audience that the broker, or the token endpoint, expects.",
      required: true,
      scope: "platform",
      pattern: "^[^\\s\\p{Z}\\p{Cf}]+$",
      example: "kafka",
    },
    "token-endpoint-uri": {
      description: "The token endpoint, where the broker does not take this cluster's tokens themselves.",
      scope: "platform",
      pattern: "^https?://[^\\s\\p{Z}\\p{Cf}/?#@]+(/[^\\s\\p{Z}\\p{Cf}?#]*)?$",
      example: "https://auth.example.com/realms/kafka/protocol/openid-connect/token",
    },
    "client-id": {
      description: "The client's ID at the token endpoint.",
      pattern: "^[^\\s\\p{Z}\\p{Cf}]+$",
      example: "my-api",
    },
  },
  env: {
    OAUTH_ACCESS_TOKEN_LOCATION: { value: "${token.file}", when: { "token-endpoint-uri": { set: false } } },
    OAUTH_TOKEN_ENDPOINT_URI: "${parameter.token-endpoint-uri}",
    OAUTH_CLIENT_ID: "${parameter.client-id}",
    OAUTH_CLIENT_ASSERTION_LOCATION: { value: "${token.file}", when: { "token-endpoint-uri": { set: true } } },
  },
  // All of them at a token endpoint only: without one a file with an access token is asked first.
  shadowedBy: [
    "OAUTH_ACCESS_TOKEN",
    "OAUTH_ACCESS_TOKEN_LOCATION",
    "OAUTH_REFRESH_TOKEN",
    "OAUTH_REFRESH_TOKEN_LOCATION",
    "OAUTH_PASSWORD_GRANT_USERNAME",
    "OAUTH_CLIENT_SECRET",
  ],
  displaces: ["OAUTH_CLIENT_ASSERTION"],
  seenWith: [{ registry: "Maven", sdk: "io.strimzi:kafka-oauth-client", version: "0.17.1" }],
  notes: [
    "The program has to name Strimzi's login handler in its Kafka configuration: sasl.login.callback.handler.class=io.strimzi.kafka.oauth.client.JaasClientOauthLoginCallbackHandler, with sasl.mechanism=OAUTHBEARER.",
    "The variables win over the same settings of the JAAS configuration, and a file over a token in a variable (0.17.1).",
    "A token endpoint with a private certificate also needs OAUTH_SSL_TRUSTSTORE_LOCATION, which Podpass does not set.",
    "Kafka's own Java client and librdkafka read no variables: they take the token's file as a property.",
  ],
  unverified: [
    "No broker was run: Strimzi's login handler was, and what it would present was presented to a server of the tests.",
  ],
  trust: {
    keys: "discovery",
    fields: {
      validIssuerUri: "${issuer}",
      jwksEndpointUri: "${jwks.uri}",
      customClaimCheck: "@.sub == '${subject}'",
      audience: "${audience}",
    },
    steps: [
      {
        title: "Where the broker takes the tokens: name the issuer in its listener.",
        once: true,
        place: "the Kafka resource, a listener's authentication of type oauth",
        form: { validIssuerUri: "${issuer}", jwksEndpointUri: "${jwks.uri}", clientAudience: "${audience}" },
      },
      {
        title: "Give the user rights.",
        place: "the access rules of the cluster",
        form: { User: "${subject}" },
      },
    ],
    notes: ["Where there is a token endpoint, its authorization server is told instead; see the preset keycloak."],
    unverified: ["Written from general knowledge of Strimzi; no broker was tried."],
  },
};
