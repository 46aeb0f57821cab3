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
const REALM = "https://auth.example.com/realms/kafka";
const TOKEN_PATH = "/realms/kafka/protocol/openid-connect/token";
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
    platform: () => ({ "token-audience": REALM, "token-endpoint-uri": `https://auth.example.com${TOKEN_PATH}` }),
    hosts: ["auth.example.com", BROKER],
    provide: (_told, trust) => {
      const server = clientAssertions({ trust, clientId: CLIENT, tokenPath: TOKEN_PATH });
      return [server.handle, kafka(server.subjectOf)];
    },
    prints: () => `User:${CLIENT}`,
    beside: { OAUTH_CLIENT_ASSERTION: "other" },
  },
};
