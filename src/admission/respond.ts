/** Writing an AdmissionReview's answer, as the one string that is sent. */
import type { Decision } from "../decision/decide.ts";
import type { DecisionReason } from "../reasons/reasons.ts";
import { PatchTexts } from "./patch-texts.ts";

/** `rest` is the answer's other members as JSON: base64 needs no escaping, and a patch is most of an answer. */
export const answer = (uid: string, isAllowed: boolean, rest: string): string =>
  `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":${JSON.stringify(uid)},"allowed":${isAllowed}${rest}}}`;

/** One of the answer's other members. */
export const member = (name: string, value: unknown): string => `,"${name}":${JSON.stringify(value)}`;

const listed = (name: string, values: readonly string[]): string =>
  values.length === 0 ? "" : `,"${name}":"${values.join(",")}"`;

/** Without repetitions; most lists are too short to have any. */
const distinct = (values: readonly string[]): readonly string[] => (values.length < 2 ? values : [...new Set(values)]);

/**
 * For the API server's audit log, which puts the webhook's name and a slash before each key. Outcomes, reasons and names of
 * providers are letters that JSON escapes none of.
 */
const audit = ({ outcome, reason, providers, problems, wouldDeny }: Decision): string =>
  `,"auditAnnotations":{"decision":"${outcome}","reason":"${reason}"${listed("injected", providers)}${listed("problems", distinct(problems))}${listed("would-deny", distinct(wouldDeny))}}`;

const warnings = ({ warnings }: Decision): string =>
  warnings.length === 0
    ? ""
    : member(
        "warnings",
        warnings.map((warning) => warning.text),
      );

/** Allowed as it is, where nothing was decided. */
export const respondAllowed = (uid: string, reason: DecisionReason): string =>
  answer(uid, true, member("auditAnnotations", { decision: "unchanged", reason }));

/** The refusal in an answer: 403, with the sentence that the API server shows. */
export const refusal = ({ message }: Pick<Decision, "message">): string =>
  member("status", { status: "Failure", code: 403, reason: "Forbidden", message });

// The API server takes `patch` and `patchType` only together, and no empty patch.
const patch = (decision: Decision, texts: PatchTexts): string =>
  decision.patch.length === 0 ? "" : `,"patchType":"JSONPatch","patch":"${texts.textOf(decision.patch)}"`;

/** The answer that says what was decided: allowed, allowed with a patch, or refused with 403. `texts` has the last patches. */
export const respond = (uid: string, decision: Decision, texts = new PatchTexts()): string => {
  const isAllowed = decision.outcome !== "denied";
  const outcome = isAllowed ? patch(decision, texts) : refusal(decision);
  return answer(uid, isAllowed, `${outcome}${warnings(decision)}${audit(decision)}`);
};
