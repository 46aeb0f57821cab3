/** Advice about webhooks that the API server cannot call. */

/** What the API server says of a webhook that it cannot call, and what to do about it. */
const CALL_ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /x509: certificate signed by unknown authority|failed to verify certificate/,
    "See ca-bundle and ca-secret below: the caBundle is not the serving certificate's CA.",
  ],
  [/x509/, "See the certificates below: the serving certificate is not for the Service, or out of date."],
  [/no endpoints available|service "[^"]*" not found/, "See deployment and service above: no replica is ready."],
  [
    /connection refused|no route to host|EOF|connection reset/,
    "See pods-ready above; a NetworkPolicy or a wrong port may be in between too.",
  ],
  [
    /deadline exceeded|Client.Timeout|i\/o timeout/,
    "The API server does not reach the pods: look at NetworkPolicies and firewalls between both; hostNetwork is a chart value.",
  ],
];

const OTHER_ADVICE = "Look at the API server's log for the whole error.";

/** What to do about the API server's `message`. */
export const adviceFor = (message: string): string =>
  CALL_ADVICE.find(([pattern]) => pattern.test(message))?.[1] ?? OTHER_ADVICE;

/** What to do where the API server let something pass that Podpass did not see. */
export const NOT_CALLED =
  "If everything above passes, the API server fails open: its log and apiserver_admission_webhook_fail_open_count say why; see the certificates below.";
