/** One review, from the body to the answer. */
import type { Settings } from "../configuration/settings.ts";
import { decide } from "../decision/decide.ts";
import { type Federation, resolveFederation } from "../federation/federation.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import { isMirrorPod, type Pod, readPod, serviceAccountName } from "../pod/pod.ts";
import { line } from "../reasons/text.ts";
import { LookupFailed, type ServiceAccountSource } from "../serviceaccounts/source.ts";
import { type Answer, badRequest, failed, NOT_READY } from "./answer.ts";
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

/** Resolving costs several times what deciding does, and changes only with the account or the settings. */
const federationMemo = (): ((account: ServiceAccount, settings: Settings) => Federation) => {
  const bySettings = new WeakMap<Settings, WeakMap<ServiceAccount, Federation>>();
  return (account, settings) => {
    let byAccount = bySettings.get(settings);
    if (byAccount === undefined) {
      byAccount = new WeakMap();
      bySettings.set(settings, byAccount);
    }
    let federation = byAccount.get(account);
    if (federation === undefined) {
      federation = resolveFederation(account, settings);
      byAccount.set(account, federation);
    }
    return federation;
  };
};

/** The answer to a review that is no pod's creation, or does not say where the pod is created. */
export const answerWithoutPod = ({ uid, namespace, isPodCreate }: Review): Answer | undefined => {
  if (!isPodCreate) {
    const reason = "not-a-pod-create";
    return { status: 200, body: respondAllowed(uid, reason), outcome: "unchanged", reason, uid, namespace };
  }
  return namespace === "" ? badRequest(400, "not-a-review", "request.namespace is missing") : undefined;
};

/** Makes the function that answers reviews. */
export const createReviewer = ({ settings, source }: ReviewPorts): Reviewer => {
  const federationOf = federationMemo();

  const decideOver = (review: Review, pod: Pod, account: string, found: Found): Answer => {
    const current = settings();
    const federation = found === undefined ? undefined : federationOf(found, current);
    const { uid, namespace } = review;
    const decision = decide({ pod, namespace, serviceAccount: found, settings: current, federation });
    const { outcome, reason, providers, letPass } = decision;
    const body = respond(uid, decision);
    return { status: 200, body, outcome, reason, uid, namespace, serviceAccount: account, providers, letPass };
  };

  const explain = (error: unknown, review: Review, serviceAccount: string): Answer => {
    const { uid, namespace } = review;
    const about = { uid, namespace, serviceAccount };
    if (error instanceof LookupFailed) {
      const sentence = line(`ServiceAccount ${namespace}/${serviceAccount} could not be read: ${error.message}`, 500);
      return failed("lookup-failed", sentence, error, about);
    }
    return failed("internal-error", `an internal error; Podpass' log has it under uid ${uid}`, error, about);
  };

  const guarded = (review: Review, pod: Pod, account: string, found: Found): Answer => {
    try {
      return decideOver(review, pod, account, found);
    } catch (error) {
      return explain(error, review, account);
    }
  };

  const lookUp = (review: Review, pod: Pod, name: string, budgetMs: number): Answer | Promise<Answer> => {
    const account = shorten(name);
    try {
      const found = name === "" || isMirrorPod(pod) ? undefined : source.find(review.namespace, name, budgetMs);
      if (!(found instanceof Promise)) return decideOver(review, pod, account, found);
      return found.then(
        (later) => guarded(review, pod, account, later),
        (error: unknown) => explain(error, review, account),
      );
    } catch (error) {
      return explain(error, review, account);
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
    return lookUp(review, object.pod, serviceAccountName(object.pod), budgetMs);
  };
};
