/** Programs as vendors' guides show them: they know nothing of tests, and print what they were given. */
import { createRequire } from "node:module";

/** A program, and where its SDK lies; throws where that is not installed. */
export interface SdkProgram {
  readonly locateSdk?: () => string;
  readonly source: string;
}

const require = createRequire(import.meta.url);

/** Reads an object, with what the AWS SDK finds by itself. */
export const s3Program: SdkProgram = {
  locateSdk: () => require.resolve("@aws-sdk/client-s3"),
  source: `
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
const object = await new S3Client({}).send(new GetObjectCommand({ Bucket: "reports", Key: "2026/november.txt" }));
console.log(await object.Body.transformToString());`,
};

/** Reads an object of Cloud Storage, with Application Default Credentials. */
export const gcpProgram: SdkProgram = {
  locateSdk: () => require.resolve("google-auth-library"),
  source: `
import { GoogleAuth } from "google-auth-library";
const client = await new GoogleAuth({ scopes: "https://www.googleapis.com/auth/cloud-platform" }).getClient();
const url = "https://storage.googleapis.com/storage/v1/b/reports/o/november.txt?alt=media";
console.log((await client.request({ url, responseType: "text" })).data);`,
};

/** Asks for an access token, with whatever credential there is. */
export const azureProgram: SdkProgram = {
  locateSdk: () => require.resolve("@azure/identity"),
  source: `
import { DefaultAzureCredential } from "@azure/identity";
const { token } = await new DefaultAzureCredential().getToken("https://vault.azure.net/.default");
console.log(token.slice(0, 10));`,
};

/** Sends a message. */
export const anthropicProgram: SdkProgram = {
  locateSdk: () => require.resolve("@anthropic-ai/sdk"),
  source: `
import Anthropic from "@anthropic-ai/sdk";
const messages = [{ role: "user", content: "Who am I?" }];
const answer = await new Anthropic().messages.create({ model: "claude-test", max_tokens: 16, messages });
console.log(answer.content[0].text);`,
};

/** Asks for a response, with the path and the variables of OpenAI's guide. */
export const openAiProgram: SdkProgram = {
  locateSdk: () => require.resolve("openai"),
  source: `
import OpenAI from "openai";
import { k8sServiceAccountTokenProvider } from "openai/auth";
const client = new OpenAI({
  workloadIdentity: {
    identityProviderId: process.env.OPENAI_IDENTITY_PROVIDER_ID,
    serviceAccountId: process.env.OPENAI_SERVICE_ACCOUNT_ID,
    provider: k8sServiceAccountTokenProvider("/var/run/secrets/tokens/token"),
  },
});
const response = await client.responses.create({ model: "gpt-test", input: "Who am I?" });
console.log(response.output_text);`,
};
