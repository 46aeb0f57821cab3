/** What the policy says of a federated ServiceAccount that cannot be resolved: of its pods, and where it is written. */
import type { Verdicts } from "../policy/verdict.ts";
import { line, quote } from "../reasons/text.ts";
import type { PreparedAccount } from "./prepared-account.ts";

/** Says to `verdicts` why the ServiceAccount cannot be resolved, if that is so. */
export const judgeServiceAccount = (
  { account, federation, rules }: Pick<PreparedAccount, "account" | "federation" | "rules">,
  verdicts: Verdicts,
): void => {
  const { problems } = federation;
  const [first] = problems;
  if (first === undefined) return;
  const texts = problems.map((problem) => problem.text).join("; ");
  const rest = problems.length === 1 ? "" : ` (and ${problems.length - 1} more)`;
  const violation = {
    reason: "invalid-service-account" as const,
    sentence: `ServiceAccount ${account.namespace}/${account.name} cannot be resolved: ${texts}`,
    warning: `ServiceAccount ${quote(account.name, 25)}: ${line(first.text, 75 - rest.length)}${rest}`,
    field: undefined,
  };
  if (rules.policy.invalidServiceAccount === "Warn") verdicts.warn(violation);
  else verdicts.deny(violation);
};
