/** The answer to a review that is too large to be read: a refusal, or a warning where the policy refuses nothing. */
import type { Settings } from "../configuration/settings.ts";
import type { Decision } from "../decision/decide.ts";
import { isExempt } from "../policy/verdict.ts";
import { beyond, POD_LIMITS, type PodLimit } from "../reasons/limits.ts";
import { line } from "../reasons/text.ts";
import { type Answer, badRequest, NOT_READY } from "./answer.ts";
import { answerWithoutPod, type ReviewPorts } from "./handler.ts";
import { readHead } from "./head.ts";
import { respond } from "./respond.ts";
import type { Review } from "./review.ts";

/** Answers a review of which only `head` is there, its beginning, since the rest breaks `breach`. Never throws. */
export type UnreadReviewer = (head: string, breach: PodLimit) => Answer;

const decideUnread = (
  { namespace }: Review,
  breach: PodLimit | "busy",
  problem: string,
  settings: Settings,
): Decision => {
  const isEnforced = settings.policy.enforcement === "Enforce" && !isExempt(settings, namespace);
  return {
    outcome: isEnforced ? "denied" : "unchanged",
    reason: breach,
    message: isEnforced ? line(`a pod in namespace ${namespace} is refused: ${problem}`, 4000) : undefined,
    field: undefined,
    patch: [],
    warnings: isEnforced
      ? []
      : [{ reason: breach, text: `the pod is neither judged nor given an identity: ${problem}` }],
    wouldDeny: isEnforced ? [] : [breach],
    providers: [],
    problems: [],
    reports: [],
  };
};

/** The answer to a pod's creation of which no more than `review` is known: `breach`, which `problem` says in words. */
export const answerUnread = (
  review: Review,
  breach: PodLimit | "busy",
  problem: string,
  settings: Settings,
): Answer => {
  const { uid, namespace } = review;
  const decision = decideUnread(review, breach, problem, settings);
  const { outcome, reason, wouldDeny } = decision;
  return { status: 200, body: respond(uid, decision), outcome, reason, uid, namespace, wouldDeny };
};

/** Makes the function that answers them. */
export const createUnreadReviewer =
  ({ settings, source }: ReviewPorts): UnreadReviewer =>
  (head, breach) => {
    if (!source.isSynced()) return NOT_READY;
    const read = readHead(head);
    if ("problem" in read)
      return badRequest(413, "body-too-large", `the body has ${beyond(POD_LIMITS[breach])}; ${read.problem}`);
    const { review } = read;
    const withoutPod = answerWithoutPod(review);
    if (withoutPod !== undefined) return withoutPod;
    return answerUnread(review, breach, `its review has ${beyond(POD_LIMITS[breach])}`, settings());
  };
