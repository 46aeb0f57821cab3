/** The decision over a ServiceAccount that is written: what its pods would be told is told here already. */
import type { Policy, Settings } from "../configuration/settings.ts";
import { type AccountKeys, accountKeys, isAccountKey } from "../federation/account-keys.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import { NO_ANNOTATIONS } from "../injection/pod-annotations.ts";
import { Verdicts, type Violation } from "../policy/verdict.ts";
import { beyond, POD_LIMITS } from "../reasons/limits.ts";
import type { DecisionReason, PolicyReason, ProblemReason, Warning } from "../reasons/reasons.ts";
import { line, quote, utf8Length } from "../reasons/text.ts";
import { ANNOTATIONS } from "./annotations-size.ts";
import { judgeServiceAccount } from "./judge-account.ts";
import { judgeIdentities } from "./judged-identities.ts";
import { limitWarnings } from "./limit-warnings.ts";
import { type PreparedAccount, prepareAccount } from "./prepared-account.ts";
import { rulesFor } from "./rules.ts";

/** What is to be decided over. */
export interface AccountInput {
  /** As it is to be, with all its annotations. */
  readonly account: ServiceAccount;
  /** Its annotations before the update; undefined where it is created. */
  readonly before: ReadonlyMap<string, string> | undefined;
  readonly settings: Settings;
}

/** The decision. */
export interface AccountDecision {
  readonly outcome: "unchanged" | "denied";
  readonly reason: DecisionReason;
  /** Why it is refused; only with `denied`. */
  readonly message: string | undefined;
  readonly warnings: readonly Warning[];
  /** What `enforcement: Warn` let pass. */
  readonly wouldDeny: readonly PolicyReason[];
  /** Why it cannot be resolved. */
  readonly problems: readonly ProblemReason[];
}

const { max: MAX_ANNOTATIONS_BYTES } = POD_LIMITS["annotations-too-large"];

/** Stops at the first key with which they are larger than Kubernetes allows. */
const areTooLarge = (annotations: ReadonlyMap<string, string>): boolean => {
  let bytes = 0;
  for (const [key, value] of annotations) {
    bytes += utf8Length(key) + utf8Length(value);
    if (bytes > MAX_ANNOTATIONS_BYTES) return true;
  }
  return false;
};

const countOwn = (annotations: ReadonlyMap<string, string>, keys: AccountKeys): number => {
  let count = 0;
  for (const key of annotations.keys()) if (isAccountKey(key, keys)) count++;
  return count;
};

/** Are the annotations that are read the same in both? */
const isUnchanged = (
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  keys: AccountKeys,
): boolean => {
  let count = 0;
  for (const [key, value] of after) {
    if (!isAccountKey(key, keys)) continue;
    if (before.get(key) !== value) return false;
    count++;
  }
  return count === countOwn(before, keys);
};

/** The policy where it may refuse nothing: what was so before is no reason to stop who changes something else. */
const lenient = (policy: Policy): Policy => ({ ...policy, invalidServiceAccount: "Warn" });

/** A refusal of the account's pods, which is no refusal of the account. */
const ofPods = ({ reason, warning }: Violation): Warning => ({ reason, text: `pods are refused: ${warning}` });

/** What the policy says of the tokens that pods of the account would get. */
const tokenWarnings = (prepared: PreparedAccount): readonly Warning[] =>
  judgeIdentities(prepared, NO_ANNOTATIONS).judgements.flatMap(({ warning, verdicts }) => [
    ...(warning === undefined ? [] : [warning]),
    ...verdicts.denied.map(ofPods),
    ...verdicts.warnings,
  ]);

const conclude = (
  verdicts: Verdicts,
  reason: DecisionReason,
  { warnings, problems }: Pick<AccountDecision, "warnings" | "problems">,
): AccountDecision => ({
  outcome: verdicts.isDenied ? "denied" : "unchanged",
  reason,
  message: verdicts.isDenied ? line(verdicts.denied.map(({ sentence }) => sentence).join("; "), 4000) : undefined,
  warnings: limitWarnings([...verdicts.warnings, ...warnings]),
  wouldDeny: verdicts.wouldDeny,
  problems,
});

/** Beyond Kubernetes' own bound they are not read: it would take no such account either. */
const tooLarge = ({ account, settings }: AccountInput, isNew: boolean): AccountDecision => {
  const { policy } = rulesFor(settings, account.namespace, []);
  const verdicts = new Verdicts(policy);
  const about = `metadata.annotations has ${beyond(POD_LIMITS["annotations-too-large"])}`;
  const violation = {
    reason: "annotations-too-large" as const,
    sentence: `ServiceAccount ${account.namespace}/${account.name} is refused: ${about}`,
    warning: `ServiceAccount ${quote(account.name, 25)}: ${about}`,
    field: ANNOTATIONS,
  };
  if (isNew) verdicts.deny(violation);
  else verdicts.warn(violation);
  return conclude(verdicts, "annotations-too-large", { warnings: [], problems: [] });
};

/**
 * Decides over one ServiceAccount. Never throws for what users write. Refused is what cannot be resolved, and only where
 * its annotations under the prefix are new or others than before.
 */
export const decideAccount = (input: AccountInput): AccountDecision => {
  const { account, before, settings } = input;
  const isNew = before === undefined || !isUnchanged(before, account.annotations, accountKeys(settings));
  if (areTooLarge(account.annotations)) return tooLarge(input, isNew);
  const prepared = prepareAccount(account, settings);
  const { federation } = prepared;
  const { isFederated, warnings } = federation;
  const policy = isNew && isFederated ? prepared.rules.policy : lenient(prepared.rules.policy);
  const verdicts = new Verdicts(policy);
  judgeServiceAccount({ account, federation, rules: { ...prepared.rules, policy } }, verdicts);
  const problems = federation.problems.map(({ reason }) => reason);
  const ofFederated = problems.length > 0 ? "invalid-service-account" : "resolved";
  return conclude(verdicts, isFederated ? ofFederated : "not-federated", {
    warnings: verdicts.isDenied ? warnings : [...tokenWarnings(prepared), ...warnings],
    problems,
  });
};
