/** Certificates: does the API server trust what Podpass serves, and for how long? */
import { ageOf, type Bundle, type Certificate, certificateData, daysLeft, showCertificate } from "./certificates.ts";
import type { Check } from "./check.ts";
import type { Facts } from "./facts.ts";
import { accountsWebhook, ownWebhook } from "./ours.ts";
import { fail, type Level, pass, unjudged, type Verdict, warn } from "./verdict.ts";
import type { Webhook } from "./webhooks.ts";
import { optionOf } from "./workload.ts";

const MANAGED_LATE = "Look at Podpass' log: it should have been renewed at two thirds of its life.";

const judgeSource = ({ deployment }: Facts): Verdict | undefined => {
  if (deployment.kind !== "read") return undefined;
  const { args } = deployment.value;
  const secret = optionOf(args, "ca-secret");
  const file = optionOf(args, "tls-cert");
  if (secret !== undefined)
    return pass(`managed: Podpass keeps its CA in Secret ${secret}, and each replica its own certificate in memory`, {
      data: { mode: "managed", secret },
    });
  if (file !== undefined) return pass(`files: the certificate is ${file}`, { data: { mode: "files", file } });
  return fail(
    "the Deployment's arguments name neither --ca-secret nor --tls-cert: there is no certificate to serve",
    "Install the chart again.",
  );
};

/** Certificates by their age, the worst first. */
const worst = (certificates: readonly Certificate[], nowMs: number): Certificate | undefined => {
  const order = ["expired", "not-yet", "late", "in-date"];
  return [...certificates].sort((a, b) => order.indexOf(ageOf(a, nowMs)) - order.indexOf(ageOf(b, nowMs)))[0];
};

/** The verdict over certificates that are all of one kind; the best of several CAs is enough. */
const judgeAges = (what: string, certificates: readonly Certificate[], nowMs: number, late: string): Verdict => {
  const details = certificates.map((certificate) => showCertificate(certificate, nowMs));
  const more = { details, data: { certificates: certificates.map((one) => certificateData(one, nowMs)) } };
  const found = worst(certificates, nowMs);
  const age = found === undefined ? "expired" : ageOf(found, nowMs);
  const isUsable = certificates.some((one) => ["in-date", "late"].includes(ageOf(one, nowMs)));
  if (!isUsable)
    return fail(
      `${what} is ${age === "not-yet" ? "not valid yet" : "expired"}`,
      `${late} Compare the clocks, too.`,
      more,
    );
  if (age === "expired") return warn(`${what} has an expired certificate beside a good one`, "Take it out.", more);
  if (age === "late") return warn(`${what} is in the last quarter of its life`, late, more);
  const days = Math.min(...certificates.map((certificate) => daysLeft(certificate, nowMs)));
  return pass(
    `${what}: ${certificates.length === 1 ? "" : "the first ends in "}${days} days${certificates.length === 1 ? " left" : ""}`,
    more,
  );
};

const renewal = ({ deployment }: Facts): string =>
  deployment.kind === "read" && optionOf(deployment.value.args, "ca-secret") !== undefined
    ? MANAGED_LATE
    : "Renew it, or look at what should have (cert-manager: kubectl describe certificate).";

/** A webhook of the installation's, and its `caBundle`. */
interface Trusting {
  readonly where: string;
  readonly webhook: Webhook;
  readonly bundle: Bundle | undefined;
}

const trusting = (facts: Facts): readonly Trusting[] => {
  const pods = ownWebhook(facts);
  const accounts = accountsWebhook(facts);
  return [
    ...(pods ? [{ where: `the caBundle of ${pods.configuration}`, webhook: pods, bundle: facts.caBundle }] : []),
    ...(accounts
      ? [
          {
            where: `the caBundle of ValidatingWebhookConfiguration ${accounts.configuration}`,
            webhook: accounts,
            bundle: facts.accountsBundle,
          },
        ]
      : []),
  ];
};

const judgeBundle = ({ where, webhook, bundle }: Trusting, facts: Facts): Verdict => {
  const injected = webhook.annotations.get("cert-manager.io/inject-ca-from");
  if (webhook.caBundle === "")
    return fail(
      `${where} is empty: the API server trusts no certificate of Podpass`,
      injected === undefined
        ? "Podpass writes it within seconds where it may; see permissions-needed, and its log."
        : `cert-manager's cainjector writes it from Certificate ${injected}: look at both.`,
    );
  if (bundle === undefined || "problem" in bundle)
    return fail(
      `${where} cannot be read: ${bundle?.problem ?? "it is empty"}`,
      "Take it away; Podpass or cert-manager writes it anew.",
    );
  return judgeAges(where, bundle.certificates, facts.nowMs, renewal(facts));
};

/** The worst that is said of either; of two that are in order, what is said of the pods'. */
const judgeBundles = (facts: Facts): Verdict | undefined => {
  const verdicts = trusting(facts).map((one) => judgeBundle(one, facts));
  const ofLevel = (wanted: Level) => verdicts.find(({ level }) => level === wanted);
  return ofLevel("fail") ?? ofLevel("warn") ?? verdicts[0];
};

const inBundle = (bundle: Bundle | undefined, certificate: Certificate): boolean =>
  bundle !== undefined &&
  "certificates" in bundle &&
  bundle.certificates.some(({ fingerprint }) => fingerprint === certificate.fingerprint);

const NO_CA = "Podpass writes it within seconds where it may; see permissions-needed, and its log.";

const judgeCaSecret = (facts: Facts): Verdict | undefined => {
  const { caSecret, deployment, installation, nowMs } = facts;
  const name = deployment.kind === "read" ? optionOf(deployment.value.args, "ca-secret") : undefined;
  if (caSecret === undefined || name === undefined) return undefined;
  const where = `Secret ${installation.namespace}/${name}`;
  if (caSecret.kind === "absent")
    return fail(`${where} is not there`, "Install the chart again, which makes it empty.");
  if (caSecret.kind !== "read") return unjudged(where, caSecret);
  const { current, previous } = caSecret.value;
  if (current === undefined) return fail(`${where} holds no CA yet`, NO_CA);
  if ("problem" in current) return fail(`the CA in ${where} cannot be read: ${current.problem}`, NO_CA);
  for (const { where: which, bundle } of trusting(facts)) {
    const missing = current.certificates.find((certificate) => !inBundle(bundle, certificate));
    if (missing === undefined || bundle === undefined) continue;
    return fail(
      `${which} does not hold the CA in ${where}: ${showCertificate(missing, nowMs)}`,
      "Podpass puts it right within seconds where it may; see permissions-needed. If something else writes the caBundle (GitOps), stop that.",
    );
  }
  const verdict = judgeAges(`the CA in ${where}`, current.certificates, nowMs, MANAGED_LATE);
  return previous === undefined || verdict.level !== "pass"
    ? verdict
    : { ...verdict, text: `${verdict.text}; a rotation is under way` };
};

const judgeLeaf = (facts: Facts): Verdict | undefined => {
  const { leaf, installation, nowMs, caBundle } = facts;
  if (leaf === undefined) return undefined;
  const host = `${installation.name}.${installation.namespace}.svc`;
  if (leaf.kind === "absent")
    return fail(
      "the Secret with the serving certificate is not there, or holds no tls.crt",
      "Make it; cert-manager: kubectl describe certificate.",
    );
  if (leaf.kind !== "read") return unjudged("the serving certificate", leaf);
  const { secret, bundle, isForService, isTrusted } = leaf.value;
  const where = `the serving certificate in Secret ${secret}`;
  if ("problem" in bundle)
    return fail(`${where} cannot be read: ${bundle.problem}`, "Replace it by a PEM certificate.");
  if (!isForService) return fail(`${where} is not for ${host}`, `Issue one with the DNS name ${host}.`);
  if (caBundle !== undefined && !isTrusted)
    return fail(
      `${where} is not issued by a CA of the caBundle of each webhook configuration`,
      "Put its CA into the caBundle.",
    );
  return judgeAges(where, bundle.certificates.slice(0, 1), nowMs, renewal(facts));
};

/** The checks, in the order of the output. */
export const CERTIFICATE_CHECKS: readonly Check[] = [
  {
    id: "certificate-source",
    means: "Whether Podpass manages its certificates itself or serves files, by the Deployment's arguments.",
    todo: "Install the chart again.",
    judge: judgeSource,
  },
  {
    id: "ca-bundle",
    means:
      "The `caBundle` of both webhook configurations, that for pods and that for ServiceAccounts, holds certificates, and they are in date.",
    todo: "Whoever writes it (Podpass, cert-manager, your values) has to write it anew. Nothing else may: a GitOps tool that owns the field empties it.",
    judge: judgeBundles,
  },
  {
    id: "ca-secret",
    means:
      "With managed certificates: the CA in the Secret is in the `caBundle` of both, and in date. Its key is not looked at.",
    todo: "Look at Podpass' log and at `permissions-needed`. A Secret that is deleted or spoilt is made anew by Podpass.",
    judge: judgeCaSecret,
  },
  {
    id: "serving-certificate",
    means:
      "With a certificate from a Secret: it is for the Service's name, issued by a CA of the `caBundle`, and in date.",
    todo: "Issue it anew, with the name that is said. A managed one is in each replica's memory; `pods-ready` judges that.",
    judge: judgeLeaf,
  },
];
