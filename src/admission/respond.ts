/** Writing an AdmissionReview's answer, as the one string that is sent. */
import type { Decision } from "../decision/decide.ts";
import type { DecisionReason } from "../reasons/reasons.ts";

/** For the API server's audit log, which puts the webhook's name and a slash before each key. */
type AuditAnnotations = Readonly<Record<string, string>>;

const answer = (uid: string, allowed: boolean, rest: object): string =>
  JSON.stringify({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: { uid, allowed, ...rest },
  });

const audit = (decision: Decision): AuditAnnotations => {
  const annotations: Record<string, string> = { decision: decision.outcome, reason: decision.reason };
  if (decision.providers.length > 0) annotations["injected"] = decision.providers.join(",");
  if (decision.problems.length > 0) annotations["problems"] = [...new Set(decision.problems)].join(",");
  if (decision.letPass.length > 0) annotations["let-pass"] = [...new Set(decision.letPass)].join(",");
  return annotations;
};

const warningTexts = (decision: Decision): { readonly warnings?: readonly string[] } =>
  decision.warnings.length === 0 ? {} : { warnings: decision.warnings.map((warning) => warning.text) };

/** Allowed as it is, where nothing was decided. */
export const respondAllowed = (uid: string, reason: DecisionReason): string =>
  answer(uid, true, { auditAnnotations: { decision: "unchanged", reason } });

/** The answer that says what was decided: allowed, allowed with a patch, or refused with 403. */
export const respond = (uid: string, decision: Decision): string => {
  const shared = { ...warningTexts(decision), auditAnnotations: audit(decision) };
  if (decision.outcome === "denied")
    return answer(uid, false, {
      status: { status: "Failure", code: 403, reason: "Forbidden", message: decision.message },
      ...shared,
    });
  // The API server takes `patch` and `patchType` only together, and no empty patch.
  if (decision.patch.length === 0) return answer(uid, true, shared);
  const patch = Buffer.from(JSON.stringify(decision.patch)).toString("base64");
  return answer(uid, true, { patchType: "JSONPatch", patch, ...shared });
};
