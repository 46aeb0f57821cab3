/** One review, from the body to the answer. */
import type { Settings } from "../configuration/settings.ts";
import { type Decision, decide, refuseDespiteFault } from "../decision/decide.ts";
import { Preparation } from "../decision/prepared-account.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import { isMirrorPod, type Pod, readPod, serviceAccountName } from "../pod/pod.ts";
import { line } from "../reasons/text.ts";
import { LookupFailed, type ServiceAccountSource } from "../serviceaccounts/source.ts";
import { type Answer, badRequest, failed, NOT_READY } from "./answer.ts";
import { PatchTexts } from "./patch-texts.ts";
import { respond, respondAllowed } from "./respond.ts";
import { type Review, readReview } from "./review.ts";

/** What a review is answered from. */
export interface ReviewPorts {
  settings(): Settings;
  readonly source: Pick<ServiceAccountSource, "find" | "isSynced">;
}

/**
 * Answers one request; `budgetMs` is the time that a lookup may take. Never throws or rejects, and an answer that needs
 * no waiting comes without a promise.
 */
export type Reviewer = (body: string, budgetMs: number) => Answer | Promise<Answer>;

type Found = ServiceAccount | undefined;

const MAX_LOGGED_LENGTH = 253;
const shorten = (name: string): string => (name.length > MAX_LOGGED_LENGTH ? line(name, MAX_LOGGED_LENGTH) : name);

/** The answer to a review that is no pod's creation, or does not say where the pod is created. */
export const answerWithoutPod = ({ uid, namespace, isPodCreate }: Review): Answer | undefined => {
  if (!isPodCreate) {
    const reason = "not-a-pod-create";
    return { status: 200, body: respondAllowed(uid, reason), outcome: "unchanged", reason, uid, namespace };
  }
  return namespace === "" ? badRequest(400, "not-a-review", "request.namespace is missing") : undefined;
};

/** A pod whose ServiceAccount is looked up, or has been. */
interface Asked {
  readonly review: Review;
  readonly pod: Pod;
  /** The ServiceAccount's name as it is logged. */
  readonly account: string;
}

const decided = (decision: Decision, { review, account }: Asked, texts: PatchTexts): Answer => {
  const { outcome, reason, providers, wouldDeny } = decision;
  const { uid, namespace } = review;
  const body = respond(uid, decision, texts);
  return { status: 200, body, outcome, reason, uid, namespace, serviceAccount: account, providers, wouldDeny };
};

const faultOf = (error: unknown, { review, account }: Asked): Answer => {
  const { uid, namespace } = review;
  const about = { uid, namespace, serviceAccount: account };
  if (error instanceof LookupFailed) {
    const sentence = line(`ServiceAccount ${namespace}/${account} could not be read: ${error.message}`, 500);
    return failed("lookup-failed", sentence, error, about);
  }
  return failed("internal-error", `an internal error; Podpass' log has it under uid ${uid}`, error, about);
};

/** Makes the function that answers reviews. */
export const createReviewer = ({ settings, source }: ReviewPorts): Reviewer => {
  let preparation = { of: settings(), accounts: new Preparation(settings()) };
  const texts = new PatchTexts();
  /** What is known of ServiceAccounts under the configuration that is in use now. */
  const preparedWith = (current: Settings): Preparation => {
    if (preparation.of !== current) preparation = { of: current, accounts: new Preparation(current) };
    return preparation.accounts;
  };

  const decideOver = (asked: Asked, found: Found): Answer => {
    const { review, pod } = asked;
    const current = settings();
    const prepared = found === undefined ? undefined : preparedWith(current).of(found);
    const input = { pod, namespace: review.namespace, serviceAccount: found, settings: current, prepared };
    return decided(decide(input), asked, texts);
  };

  /** With `failurePolicy: Ignore` a fault would let a pod pass, so one that breaks the policy all the same is refused. */
  const explain = (error: unknown, asked: Asked): Answer => {
    const fault = faultOf(error, asked);
    const { review, pod } = asked;
    try {
      const input = { pod, namespace: review.namespace, settings: settings() };
      const refusal = refuseDespiteFault(input, fault.body.trim());
      return refusal === undefined ? fault : { ...decided(refusal, asked, texts), error };
    } catch {
      return fault;
    }
  };

  const guarded = (asked: Asked, found: Found): Answer => {
    try {
      return decideOver(asked, found);
    } catch (error) {
      return explain(error, asked);
    }
  };

  const lookUp = (asked: Asked, name: string, budgetMs: number): Answer | Promise<Answer> => {
    const { review, pod } = asked;
    try {
      const found = name === "" || isMirrorPod(pod) ? undefined : source.find(review.namespace, name, budgetMs);
      if (!(found instanceof Promise)) return decideOver(asked, found);
      return found.then(
        (later) => guarded(asked, later),
        (error: unknown) => explain(error, asked),
      );
    } catch (error) {
      return explain(error, asked);
    }
  };

  return (body, budgetMs) => {
    if (!source.isSynced()) return NOT_READY;
    const read = readReview(body);
    if ("problem" in read) return badRequest(400, "not-a-review", read.problem);
    const { review } = read;
    const withoutPod = answerWithoutPod(review);
    if (withoutPod !== undefined) return withoutPod;
    const { uid, namespace } = review;
    const object = readPod(review.object);
    if ("problem" in object) return { ...badRequest(400, "not-a-review", object.problem), uid, namespace };
    const name = serviceAccountName(object.pod);
    return lookUp({ review, pod: object.pod, account: shorten(name) }, name, budgetMs);
  };
};
