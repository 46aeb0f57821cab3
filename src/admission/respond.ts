/** Writing an AdmissionReview's answer, as the one string that is sent. */
import type { Decision } from "../decision/decide.ts";
import { patchJson } from "../injection/patch.ts";
import type { DecisionReason } from "../reasons/reasons.ts";

/** For the API server's audit log, which puts the webhook's name and a slash before each key. */
type AuditAnnotations = Readonly<Record<string, string>>;

/** `rest` is the answer's other members as JSON: base64 needs no escaping, and a patch is most of an answer. */
const answer = (uid: string, isAllowed: boolean, rest: string): string =>
  `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":${JSON.stringify(uid)},"allowed":${isAllowed}${rest}}}`;

const member = (name: string, value: unknown): string => `,"${name}":${JSON.stringify(value)}`;

const audit = (decision: Decision): AuditAnnotations => {
  const annotations: Record<string, string> = { decision: decision.outcome, reason: decision.reason };
  if (decision.providers.length > 0) annotations["injected"] = decision.providers.join(",");
  if (decision.problems.length > 0) annotations["problems"] = [...new Set(decision.problems)].join(",");
  if (decision.wouldDeny.length > 0) annotations["would-deny"] = [...new Set(decision.wouldDeny)].join(",");
  return annotations;
};

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

const refusal = (decision: Decision): string =>
  member("status", { status: "Failure", code: 403, reason: "Forbidden", message: decision.message });

/** Up to here `btoa` is faster; a text that is larger it takes as one more string of two bytes a character. */
const MAX_BTOA_LENGTH = 64 * 1024;

// `btoa` takes half as long, but a character for a byte, which is right for ASCII alone.
const base64 = (text: string): string =>
  text.length <= MAX_BTOA_LENGTH && Buffer.byteLength(text) === text.length
    ? btoa(text)
    : Buffer.from(text).toString("base64");

// The API server takes `patch` and `patchType` only together, and no empty patch.
const patch = (decision: Decision): string =>
  decision.patch.length === 0 ? "" : `,"patchType":"JSONPatch","patch":"${base64(patchJson(decision.patch))}"`;

/** The answer that says what was decided: allowed, allowed with a patch, or refused with 403. */
export const respond = (uid: string, decision: Decision): string => {
  const isAllowed = decision.outcome !== "denied";
  const outcome = isAllowed ? patch(decision) : refusal(decision);
  return answer(uid, isAllowed, `${outcome}${warnings(decision)}${member("auditAnnotations", audit(decision))}`);
};
