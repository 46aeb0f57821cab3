import { describe, expect, it } from "vitest";
import { readHead } from "../../src/admission/head.ts";
import { readReview } from "../../src/admission/review.ts";
import { RECORDED, recordedReview, recordedText, reviewText } from "../support/reviews.ts";

const UID = "08d06f3a-bb22-424c-ab9d-ec483d3f3a0b";
const POD_CREATE = { review: { uid: UID, namespace: "production", isPodCreate: true, object: undefined } };

/** A review up to and with the beginning of its object. */
const head = (text = reviewText()): string => text.slice(0, text.indexOf('"object":') + 20);

const spaced = (): string => JSON.stringify(recordedReview(), undefined, "\t\r\n ");

describe("readHead", () => {
  it.each(RECORDED)("reads of a beginning what is read of all: %s", (name) => {
    const text = recordedText(name);
    const whole = readReview(text);
    expect(whole).toMatchObject({ review: { isPodCreate: true } });
    const { review } = whole as { review: object };
    expect(readHead(head(text))).toStrictEqual({ review: { ...review, object: undefined } });
  });

  const { kind, apiVersion, request } = recordedReview();
  const { uid, namespace, operation, resource, userInfo, object } = request;
  it.each<[string, string]>([
    ["with white space", head(spaced())],
    ["after white space", ` \n${head()}`],
    [
      "in another order",
      head(JSON.stringify({ apiVersion, kind, request: { userInfo, resource, operation, namespace, uid, object } })),
    ],
    ["that ends with operation", reviewText().slice(0, reviewText().indexOf('"userInfo"'))],
    ["that ends in userInfo", reviewText().slice(0, reviewText().indexOf('"userInfo"') + 30)],
    [
      "with brackets and quotes in texts",
      head(
        JSON.stringify({
          kind,
          apiVersion,
          request: { x: ['}]"\\', { '"{': "\\" }], uid, namespace, operation, resource, object },
        }),
      ),
    ],
    ["that is all there is", reviewText()],
  ])("reads one %s", (_name, text) => {
    expect(readHead(text)).toStrictEqual(POD_CREATE);
  });

  it.each<[string, string]>([
    ["nothing", ""],
    ["no object", "[".repeat(1000)],
    ["no JSON", "{uid: 1}"],
    ["a name without value", '{"kind"'],
    ["only spaces", " ".repeat(65_536)],
    ["only quotes", '"'.repeat(65_536)],
    ["only backslashes", `{"${"\\".repeat(65_536)}`],
    ["a pod", JSON.stringify(object)],
    ["a review of another version", head().replace("admission.k8s.io/v1", "admission.k8s.io/v2")],
    ["a review that says so only at its end", JSON.stringify({ request, kind, apiVersion }).slice(0, -60)],
    [
      "a uid behind the object",
      JSON.stringify({ kind, apiVersion, request: { namespace, operation, resource, object, uid } }),
    ],
    ["a uid that is cut", reviewText().slice(0, reviewText().indexOf(UID) + 5)],
  ])("does not take %s for a review", (_name, text) => {
    expect(readHead(text)).toHaveProperty("problem");
  });

  it("takes nothing of the object for the request's", () => {
    const text = JSON.stringify({
      kind,
      apiVersion,
      request: { uid, object: { operation: "CREATE", resource, namespace } },
    });
    expect(readHead(text)).toStrictEqual({ problem: "its beginning does not say request.resource" });
  });

  it("never takes for something else what may be a pod's creation, behind a name of any length", () => {
    const named = (length: number) =>
      JSON.stringify({ kind, apiVersion, request: { uid, resource, name: "n".repeat(length), namespace, operation } });
    expect(readHead(named(60_000).slice(0, 65_536))).toStrictEqual(POD_CREATE);
    expect(readHead(named(65_536).slice(0, 65_536))).toStrictEqual({
      problem: "its beginning does not say request.operation",
    });
  });

  it("sees that it is no pod's creation", () => {
    const change = (name: string, value: unknown) => head(reviewText((review) => (review["request"][name] = value)));
    expect(readHead(change("operation", "UPDATE"))).toMatchObject({ review: { isPodCreate: false } });
    expect(readHead(change("operation", "CREATE").replace('"uid"', '"subResource":"status","uid"'))).toMatchObject({
      review: { isPodCreate: false },
    });
    expect(readHead(change("resource", { group: "", version: "v1", resource: "nodes" }))).toMatchObject({
      review: { isPodCreate: false },
    });
  });
});
