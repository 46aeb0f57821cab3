/** Is Podpass really called? A dry-run pod tells. */
import { trimmed } from "../reasons/characters.ts";
import { list, quote } from "../reasons/text.ts";
import { type AccountName, showAccount } from "./accounts.ts";
import { adviceFor, NOT_CALLED } from "./call-advice.ts";
import type { Check } from "./check.ts";
import type { Call, Facts } from "./facts.ts";
import { ownWebhook, type Whose, whoseCall } from "./ours.ts";
import { valueIn } from "./read.ts";
import { fail, type More, pass, type Verdict, warn } from "./verdict.ts";

const whoseAccount = (account: AccountName): string => `ServiceAccount ${showAccount(account)}`;

type Answered = Extract<Call["answer"], { kind: "answered" }>;

const denied = (said: string, who: string, { namesakes }: Whose): Verdict =>
  namesakes.length === 0
    ? warn(
        `the API server called Podpass, which refuses a pod of ${who}: ${said}`,
        "Correct the ServiceAccount or the policy; lint and inject say the same of its manifests.",
      )
    : warn(
        `a Podpass refuses a pod of ${who}, this one or that of ${list(namesakes)}: ${said}`,
        "Correct the ServiceAccount or the policy of either; have each namespace seen by one installation alone.",
      );

const failed = (message: string, { isOurs, namesakes }: Whose): Verdict => {
  const said = quote(message, 400);
  if (isOurs === true) return fail(`the API server cannot call Podpass: ${said}`, adviceFor(message));
  if (isOurs === false)
    return warn(`another webhook fails, so that no pod can be tried: ${said}`, "Mend the webhook that it names.");
  return warn(
    `a Podpass fails, this one or that of ${list(namesakes)}, so that no pod can be tried: ${said}`,
    "Run the check for the other installation too, with --namespace and --name.",
  );
};

/** A pod that nobody decided on is refused by the installation's own policy: the one in front of it saw nothing. */
const isUndecided = ({ message, warnings }: Answered, { nonce }: Call, { installation }: Facts): boolean =>
  message.includes(`ValidatingAdmissionPolicy '${installation.name}-identity.`) &&
  !warnings.some((warning) => warning.includes(nonce));

const refused = (answer: Answered, call: Call, facts: Facts): Verdict => {
  const { status, message } = answer;
  const who = whoseAccount(call.account);
  const said = quote(message, 400);
  if (isUndecided(answer, call, facts))
    return fail(`Podpass did not see a dry-run pod of ${who}, and its policy refuses the pod: ${said}`, NOT_CALLED);
  const name = ownWebhook(facts)?.name ?? "pods.podpass.dev";
  const whose = whoseCall(message, facts);
  if (message.includes(`admission webhook "${name}" denied the request`)) return denied(said, who, whose);
  if (message.includes("failed calling webhook"))
    return failed(message, message.includes(`failed calling webhook "${name}"`) ? whose : { ...whose, isOurs: false });
  if (status === 403 && message.includes('cannot create resource "pods"'))
    return warn(
      `not judged; these credentials may not create pods in the namespace of ${who}`,
      "Run the check with credentials that may create pods there; the pod is a dry run, nothing is stored.",
      { data: { missingPermission: "create pods" } },
    );
  return warn(
    `not judged; something else refuses the dry-run pod of ${who}: ${said}`,
    "Run the check again once that is mended; with a federated ServiceAccount elsewhere it takes that one.",
  );
};

const namesAll = (injected: string, providers: readonly string[]): boolean => {
  const names = new Set(injected.split(",").map(trimmed));
  return providers.every((provider) => names.has(provider));
};

/** With a prefix that is not the replicas' own, Podpass has nothing to warn of. */
const unseen = (who: string, { configuration }: Facts, more: More): Verdict =>
  valueIn(configuration)?.settings === undefined
    ? warn(
        `the API server let a dry-run pod of ${who} pass; whether Podpass saw it is not known without a valid configuration`,
        "Mend the configuration first, or name it with --config: it has the prefix of the annotations.",
        more,
      )
    : fail(`the API server let a dry-run pod of ${who} pass, and Podpass did not see it`, NOT_CALLED, more);

const accepted = ({ warnings, injected }: Answered, { account, nonce }: Call, facts: Facts): Verdict => {
  const who = whoseAccount(account);
  const data = { serviceAccount: { namespace: account.namespace, name: account.name }, injected: injected ?? null };
  const isCalled = warnings.some((warning) => warning.includes(nonce));
  if (!isCalled && injected === undefined) return unseen(who, facts, { data });
  if (!isCalled)
    return warn(
      `a dry-run pod of ${who} was marked as injected, but Podpass' own answer did not come through`,
      "Look at what else changes pods: other-webhooks.",
      { data },
    );
  if (account.providers.length === 0)
    return pass(`the API server called Podpass for a dry-run pod of ${who}, which is not federated`, { data });
  if (injected === undefined || !namesAll(injected, account.providers))
    return warn(
      `the API server called Podpass, but a pod of ${who} does not get ${list(account.providers)}`,
      "Replicas may still have another configuration; podpass inject --explain says what is decided.",
      { details: warnings.filter((warning) => !warning.includes(nonce)), data },
    );
  return pass(`the API server called Podpass, and a dry-run pod of ${who} got ${list(account.providers)}`, { data });
};

const judgeCall = (facts: Facts): Verdict | undefined => {
  const { call } = facts;
  if (call === undefined) return undefined;
  const { answer } = call;
  if (answer.kind === "failed")
    return warn(`not judged; the dry-run pod got no answer: ${answer.message}`, "Run the check again.");
  if (answer.status < 300) return accepted(answer, call, facts);
  return refused(answer, call, facts);
};

/** The check. */
export const CALL_CHECKS: readonly Check[] = [
  {
    id: "webhook-called",
    means:
      "The API server really calls Podpass: a pod is created as a dry run, which stores nothing, with a random value in an annotation that only Podpass reads, and Podpass' warning about that value has to come back. Where there is a federated ServiceAccount the pod is its, and has to get its identities.",
    todo: "Under `failurePolicy: Fail` the API server's own error is shown. Under `Ignore` it tells nobody but its log and its metrics: the other checks are the way to the cause. `--skip webhook-called` leaves it out.",
    judge: judgeCall,
  },
];
