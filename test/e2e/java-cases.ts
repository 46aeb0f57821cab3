/** SDKs for Java that are proven end to end, as `sdk-cases.ts` has those of other languages. */
import { clientAssertions } from "../cluster/relying-parties/client-assertions.ts";
import { kafka } from "../cluster/relying-parties/kafka.ts";
import { verifyToken } from "../cluster/relying-parties/verify.ts";
import { field, type SdkCase } from "./sdk-cases.ts";

/** See the file's comment. */
export interface JavaCase extends Omit<SdkCase, "language" | "program"> {
  readonly language: "java";
  /** The class of `java` that is the program. */
  readonly program: string;
}

const BROKER = "kafka.example.com";
const AUTH = "auth.example.com";
const REALM = `https://${AUTH}/realms/reports`;
const CLIENT = "reports";

const kafkaCase = {
  provider: "kafka-strimzi",
  language: "java",
  program: "KafkaStrimzi",
  parameters: {},
  platform: () => ({ "token-audience": "kafka" }),
  hosts: [BROKER],
  registered: (told) => ({
    issuer: field(told, "validIssuerUri"),
    audience: field(told, "audience"),
    subjects: [/'(.*)'$/u.exec(field(told, "customClaimCheck"))?.[1] ?? ""],
  }),
  provide: (_told, trust) => [
    kafka(async (token) => {
      const verdict = await verifyToken(token, trust);
      return verdict.kind === "accepted" ? verdict.subject : undefined;
    }),
  ],
  prints: (subject) => `User:${subject}`,
  beside: { OAUTH_ACCESS_TOKEN: "other", OAUTH_CLIENT_ID: "other", OAUTH_CLIENT_SECRET: "other" },
} satisfies JavaCase;

/** By the name of the ServiceAccount. */
export const javaCases: Readonly<Record<string, JavaCase>> = {
  "kafka-java": kafkaCase,
  "kafka-endpoint-java": {
    ...kafkaCase,
    provider: "kafka-by-endpoint",
    preset: "kafka-strimzi",
    parameters: { "client-id": CLIENT },
    platform: () => ({
      "token-audience": REALM,
      "token-endpoint-uri": `${REALM}/protocol/openid-connect/token`,
    }),
    hosts: [AUTH, BROKER],
    provide: (_told, trust) => {
      const server = clientAssertions({ trust, realm: REALM, clientId: CLIENT, sendsId: true });
      return [server.handle, kafka(server.subjectOf)];
    },
    prints: () => `User:${CLIENT}`,
    beside: { OAUTH_CLIENT_ASSERTION: "other" },
  },
  "keycloak-java": {
    provider: "keycloak",
    language: "java",
    program: "KeycloakQuarkus",
    parameters: { "client-id": CLIENT },
    platform: () => ({ "realm-url": REALM }),
    hosts: [AUTH],
    registered: (told) => ({
      issuer: field(told, "issuer"),
      audience: field(told, "audience"),
      subjects: [field(told, "subject")],
    }),
    provide: (told, trust) => {
      const clientId = field(told, "clientId");
      return [clientAssertions({ trust, realm: REALM, clientId, sendsId: false }).handle];
    },
    prints: () => JSON.stringify({ sub: CLIENT }),
  },
};
