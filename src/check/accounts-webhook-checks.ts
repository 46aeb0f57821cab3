/** The webhook for ServiceAccounts: is it registered, and is it really called where they are written? */
import { quote } from "../reasons/text.ts";
import { judgeAddress, UPGRADE } from "./address.ts";
import { adviceFor, NOT_CALLED } from "./call-advice.ts";
import type { Check } from "./check.ts";
import type { AccountCall, Facts } from "./facts.ts";
import { accountsWebhook } from "./ours.ts";
import { valueIn } from "./read.ts";
import { fail, pass, unjudged, type Verdict, warn } from "./verdict.ts";
import { ACCOUNTS_PATH, ACCOUNTS_WEBHOOK_NAME, coversAccountWrites, type Webhook } from "./webhooks.ts";
import { optionsOf } from "./workload.ts";

const MISSING = "ServiceAccounts are not judged where they are written; their pods are told instead";

/** The chart names it in the arguments wherever it makes it with managed certificates. */
const isMeant = ({ deployment, installation }: Facts): boolean =>
  optionsOf(valueIn(deployment)?.args ?? [], "validating-webhook-configuration").includes(installation.name);

const judgeWebhook = (where: string, webhook: Webhook, { installation }: Facts): Verdict => {
  const address = judgeAddress({ where, webhook, path: ACCOUNTS_PATH }, installation);
  if (address.level !== "pass") return address;
  if (!webhook.rules.some(coversAccountWrites))
    return fail(`the rules of ${where} do not cover the creation and update of ServiceAccounts: ${MISSING}`, UPGRADE);
  if (webhook.failurePolicy !== "Ignore")
    return warn(
      `${where} has failurePolicy ${webhook.failurePolicy}: while no replica answers, nobody can write a federated ServiceAccount`,
      UPGRADE,
    );
  return address;
};

const judgeRegistration = (facts: Facts): Verdict => {
  const { accountsWebhooks: read, installation } = facts;
  const where = `ValidatingWebhookConfiguration ${installation.name}`;
  if (read.kind === "absent")
    return isMeant(facts)
      ? fail(`${where} is not there: ${MISSING}`, UPGRADE)
      : warn(
          `${where} is not there: ${MISSING}`,
          "Set accountsWebhook.enabled in the chart's values; where that is not wanted: --skip serviceaccounts-webhook.",
        );
  if (read.kind !== "read") return unjudged(where, read);
  const webhook = accountsWebhook(facts);
  if (webhook === undefined) return fail(`${where} has no webhook for ServiceAccounts: ${MISSING}`, UPGRADE);
  return judgeWebhook(where, webhook, facts);
};

const accepted = (warnings: readonly string[], { namespace, nonce }: AccountCall, facts: Facts): Verdict => {
  const what = `a dry-run ServiceAccount in ${namespace}`;
  if (warnings.some((warning) => warning.includes(nonce))) return pass(`the API server called Podpass for ${what}`);
  return valueIn(facts.configuration)?.settings === undefined
    ? warn(
        `the API server let ${what} pass; whether Podpass saw it is not known without a valid configuration`,
        "Mend the configuration first, or name it with --config: it has the prefix of the annotations.",
      )
    : fail(`the API server let ${what} pass, and Podpass did not see it`, NOT_CALLED);
};

const judgeCall = (facts: Facts): Verdict | undefined => {
  const { accountCall: call } = facts;
  if (call === undefined) return undefined;
  const { answer, namespace } = call;
  if (answer.kind === "failed")
    return warn(`not judged; the dry-run ServiceAccount got no answer: ${answer.message}`, "Run the check again.");
  const { status, message, warnings } = answer;
  if (status < 300) return accepted(warnings, call, facts);
  const said = quote(message, 400);
  if (message.includes(`failed calling webhook "${ACCOUNTS_WEBHOOK_NAME}"`))
    return fail(`the API server cannot call Podpass for ServiceAccounts: ${said}`, adviceFor(message));
  if (status === 403 && message.includes('cannot create resource "serviceaccounts"'))
    return warn(
      `not judged; these credentials may not create ServiceAccounts in ${namespace}`,
      "Run the check with credentials that may create ServiceAccounts there; it is a dry run, nothing is stored.",
      { data: { missingPermission: "create serviceaccounts" } },
    );
  return warn(
    `not judged; something else refuses the dry-run ServiceAccount in ${namespace}: ${said}`,
    "Run the check again once that is mended.",
  );
};

/** The checks, in the order of the output. */
export const ACCOUNTS_WEBHOOK_CHECKS: readonly Check[] = [
  {
    id: "serviceaccounts-webhook",
    means:
      "The ValidatingWebhookConfiguration is there, calls this installation's Service at the right path for ServiceAccounts that are created or updated, and stops nobody while no replica answers.",
    todo: "Install the chart with `accountsWebhook.enabled`; where it is left out on purpose, `--skip serviceaccounts-webhook`.",
    judge: judgeRegistration,
  },
  {
    id: "serviceaccounts-called",
    means:
      "The API server really calls Podpass where ServiceAccounts are written: one is created as a dry run, which stores nothing, with an annotation of a random name under the prefix, and Podpass' warning about that annotation has to come back.",
    todo: "The webhook fails open, so that the API server tells nobody but its log and its metrics: the other checks, and `ca-bundle` among them, are the way to the cause. `--skip serviceaccounts-called` leaves it out.",
    judge: judgeCall,
  },
];
