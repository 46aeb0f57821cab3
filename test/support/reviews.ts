/** Admission reviews for tests: those recorded from a real API server, and variations of them. */
import { readdirSync, readFileSync } from "node:fs";

/** A review that a test may change before it is sent. */
export interface ReviewBody {
  // biome-ignore lint/suspicious/noExplicitAny: tests break it in every way.
  [key: string]: any;
}

const folder = new URL("../data/admission-reviews/", import.meta.url);

/** The names of all that were recorded. */
export const RECORDED: readonly string[] = readdirSync(folder).map((file) => file.replace(".json", ""));

/** The recorded review `name` as it came. */
export const recordedText = (name: string): string => readFileSync(new URL(`${name}.json`, folder), "utf8");

/** The recorded review `name`, a fresh copy. */
export const recordedReview = (name = "smallest"): ReviewBody => JSON.parse(recordedText(name));

/** Its text, changed by `change`. */
export const reviewText = (change: (review: ReviewBody) => void = () => {}, name = "smallest"): string => {
  const review = recordedReview(name);
  change(review);
  return JSON.stringify(review);
};

/** The ServiceAccount that the recorded pods run as, federated with OpenAI. */
export const FEDERATED = `apiVersion: v1
kind: ServiceAccount
metadata:
  name: my-api
  namespace: production
  annotations:
    podpass.dev/federate: openai
    openai.podpass.dev/identity-provider-id: idp_1
    openai.podpass.dev/service-account-id: user-1
`;

/** The answer in a response's body. */
export const responseIn = (body: string): ReviewBody => JSON.parse(body).response;

/** The patch in an answer. */
export const patchIn = (response: ReviewBody): readonly { op: string; path: string; value: unknown }[] =>
  JSON.parse(Buffer.from(response["patch"], "base64").toString());
