/** One review of a ServiceAccount, from the body to the answer. It needs nothing but the configuration. */
import type { Settings } from "../configuration/settings.ts";
import { type AccountDecision, decideAccount } from "../decision/decide-account.ts";
import { isExempt } from "../policy/verdict.ts";
import { beyond, POD_LIMITS, type PodLimit } from "../reasons/limits.ts";
import { line } from "../reasons/text.ts";
import { isAccountWrite, readAccount, type WrittenAccount } from "./account-review.ts";
import { type Answer, badRequest, failed } from "./answer.ts";
import { readRequestHead } from "./head.ts";
import { answer, member, refusal, respondAllowed } from "./respond.ts";
import { type ReadRequest, readRequest } from "./review.ts";

/** Answers reviews of ServiceAccounts; neither function throws. */
export interface AccountReviewer {
  /** The one whose body this is. */
  review(body: string): Answer;
  /** The one of which only `head` is there, its beginning, since the rest breaks `breach`. */
  reviewUnread(head: string, breach: PodLimit): Answer;
}

const audit = ({ outcome, reason, problems, wouldDeny }: AccountDecision): string => {
  const annotations: Record<string, string> = { decision: outcome, reason };
  if (problems.length > 0) annotations["problems"] = [...new Set(problems)].join(",");
  if (wouldDeny.length > 0) annotations["would-deny"] = [...new Set(wouldDeny)].join(",");
  return member("auditAnnotations", annotations);
};

const warningsOf = ({ warnings }: AccountDecision): string => {
  const texts = warnings.map(({ text }) => text);
  return texts.length === 0 ? "" : member("warnings", texts);
};

const respondTo = (uid: string, decision: AccountDecision): string => {
  const isAllowed = decision.outcome !== "denied";
  return answer(uid, isAllowed, `${isAllowed ? "" : refusal(decision)}${warningsOf(decision)}${audit(decision)}`);
};

const answerOf = ({ uid, namespace }: ReadRequest, decision: AccountDecision, serviceAccount?: string): Answer => {
  const { outcome, reason, wouldDeny } = decision;
  const body = respondTo(uid, decision);
  const about = serviceAccount === undefined ? { uid, namespace } : { uid, namespace, serviceAccount };
  return { status: 200, body, outcome, reason, ...about, wouldDeny };
};

/** The answer to a review that writes no ServiceAccount, or does not say where. */
const answerWithoutAccount = ({ uid, namespace, request }: ReadRequest): Answer | undefined => {
  if (!isAccountWrite(request)) {
    const reason = "not-a-service-account-write";
    return { status: 200, body: respondAllowed(uid, reason), outcome: "unchanged", reason, uid, namespace };
  }
  return namespace === "" ? badRequest(400, "not-a-review", "request.namespace is missing") : undefined;
};

const decideUnread = (namespace: string, breach: PodLimit, settings: Settings): AccountDecision => {
  const problem = `its review has ${beyond(POD_LIMITS[breach])}`;
  const isEnforced = settings.policy.enforcement === "Enforce" && !isExempt(settings, namespace);
  const refused = `a ServiceAccount in namespace ${namespace} is refused: ${problem}`;
  return {
    outcome: isEnforced ? "denied" : "unchanged",
    reason: breach,
    message: isEnforced ? line(refused, 4000) : undefined,
    warnings: isEnforced ? [] : [{ reason: breach, text: `the ServiceAccount is not judged: ${problem}` }],
    wouldDeny: isEnforced ? [] : [breach],
    problems: [],
  };
};

/** Makes what answers reviews of ServiceAccounts. */
export const createAccountReviewer = (settings: () => Settings): AccountReviewer => {
  const decide = (read: ReadRequest, { account, before }: WrittenAccount): Answer => {
    const { uid, namespace } = read;
    const serviceAccount = line(account.name, 253);
    try {
      return answerOf(read, decideAccount({ account, before, settings: settings() }), serviceAccount);
    } catch (error) {
      const sentence = `an internal error; Podpass' log has it under uid ${uid}`;
      return failed("internal-error", sentence, error, { uid, namespace, serviceAccount });
    }
  };
  return {
    review: (body) => {
      const read = readRequest(body);
      if ("problem" in read) return badRequest(400, "not-a-review", read.problem);
      const without = answerWithoutAccount(read);
      if (without !== undefined) return without;
      const written = readAccount(read);
      if ("account" in written) return decide(read, written);
      const { uid, namespace } = read;
      return { ...badRequest(400, "not-a-review", written.problem), uid, namespace };
    },
    reviewUnread: (head, breach) => {
      const read = readRequestHead(head);
      if ("problem" in read)
        return badRequest(413, "body-too-large", `the body has ${beyond(POD_LIMITS[breach])}; ${read.problem}`);
      return answerWithoutAccount(read) ?? answerOf(read, decideUnread(read.namespace, breach, settings()));
    },
  };
};
