/** What is logged and counted of what happens beside the requests. */
import type { Settings } from "../configuration/settings.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import type { LoadedConfiguration } from "../files/configuration-file.ts";
import type { ManifestProblem } from "../manifests/document.ts";
import { MAX_TOLD } from "../reasons/limits.ts";
import type { Problem } from "../reasons/reasons.ts";
import { line } from "../reasons/text.ts";
import { type Survey, Surveyor } from "../serviceaccounts/survey.ts";
import { createHandshakeLog, type FailedHandshake } from "./handshakes.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";

/** Of one problem, in characters: {@link MAX_TOLD} of them fit a line, which is dropped where it is too long. */
const MAX_PROBLEM_LENGTH = 400;

const logNotices = (log: Log, settings: Settings): void => {
  for (const { text, isMeant } of settings.notices)
    log[isMeant ? "info" : "warn"]({ notice: text }, "configuration notice");
};

const problemTexts = (problems: readonly Problem[]): readonly string[] => {
  const shown = problems.slice(0, MAX_TOLD).map(({ reason, text }) => line(`${reason}: ${text}`, MAX_PROBLEM_LENGTH));
  return problems.length > MAX_TOLD ? [...shown, `${problems.length - MAX_TOLD} more`] : shown;
};

/** Logs those that the survey before did not have. */
const logNewlyInvalid = (log: Log, { newlyInvalid, unnamed }: Survey): void => {
  for (const { name, problems } of newlyInvalid)
    log.warn({ serviceAccount: name, problems: problemTexts(problems) }, "federated ServiceAccount cannot be resolved");
  if (unnamed > 0) log.warn({ more: unnamed }, "more federated ServiceAccounts cannot be resolved");
};

type Certificate = { readonly notAfter: Date };

/** What becomes of serving certificates, as `src/tls/source.ts` tells it. */
type CertificateEvent =
  | { readonly kind: "replaced" | "in-date"; readonly certificate: Certificate }
  | { readonly kind: "refused" | "postponed" | "out-of-date"; readonly problem: string };

const OF_CERTIFICATE: Readonly<Record<CertificateEvent["kind"], string>> = {
  replaced: "serving certificate reloaded",
  "in-date": "the serving certificate is in date",
  refused: "the new serving certificate is not usable; the old one stays in use",
  postponed: "the new serving certificate is not in date; the old one stays in use, and time may change that",
  "out-of-date": "the serving certificate is out of date",
};

/** Where logs and metrics go, and what is in use. */
export interface EventPorts {
  readonly log: Log;
  readonly metrics: Metrics;
  settings(): Settings;
  accounts(): Iterable<ServiceAccount>;
}

/** Makes the functions that are told. */
export const createEvents = ({ log, metrics, settings, accounts }: EventPorts) => {
  const surveyor = new Surveyor((survey) => {
    metrics.surveyed(survey);
    logNewlyInvalid(log, survey);
  });
  const logHandshake = createHandshakeLog(log);
  return {
    /** The ServiceAccounts are in, or others than before. Many of them are judged in slices, after this returned. */
    accountsChanged: (): void => surveyor.begin(accounts(), settings()),
    manifestsRead: (problems: readonly ManifestProblem[]): void => {
      for (const { file, line, message } of problems) log.error({ file, line, problem: message }, "manifest problem");
    },
    /** The configuration at the start. */
    configurationOpened: (): void => logNotices(log, settings()),
    configurationReloaded: (loaded: LoadedConfiguration): void => {
      metrics.configurationReloaded(loaded.ok ? "success" : "failure");
      if (!loaded.ok) {
        const problems = loaded.problems.split("\n");
        log.error({ problems }, "the new configuration is not valid; the old one stays in use");
        return;
      }
      logNotices(log, loaded.settings);
      surveyor.begin(accounts(), settings(), ({ federated, invalid }) =>
        log.info({ federated, invalid: invalid.size }, "configuration reloaded"),
      );
    },
    certificateLoaded: ({ notAfter }: Certificate): void => metrics.certificateLoaded(notAfter),
    certificateChanged: (event: CertificateEvent): void => {
      if (event.kind === "refused" || event.kind === "postponed") metrics.certificateReloaded("failure");
      if (event.kind === "replaced") {
        metrics.certificateReloaded("success");
        metrics.certificateLoaded(event.certificate.notAfter);
      }
      if ("problem" in event) log.error({ problem: event.problem }, OF_CERTIFICATE[event.kind]);
      else log.info({ notAfter: event.certificate.notAfter }, OF_CERTIFICATE[event.kind]);
    },
    handshakeFailed: (failed: FailedHandshake): void => {
      metrics.handshakeFailed(failed.reason);
      logHandshake(failed);
    },
  };
};
