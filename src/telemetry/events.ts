/** What is logged and counted of what happens beside the requests. */
import type { Settings } from "../configuration/settings.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import type { LoadedConfiguration } from "../files/configuration-file.ts";
import type { FileProblem } from "../serviceaccounts/manifests.ts";
import { type Survey, surveyAccounts } from "../serviceaccounts/survey.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";

/** More lines about one change hide the rest of the log; the metric has the number. */
const MAX_NAMED = 100;

const logNotices = (log: Log, settings: Settings): void => {
  for (const notice of settings.notices) log.warn({ notice }, "configuration notice");
};

/** Logs those that `before` did not have. */
const logNewlyInvalid = (log: Log, now: Survey, before: Survey | undefined): void => {
  const fresh = [...now.invalid].filter(([name]) => before?.invalid.has(name) !== true);
  for (const [serviceAccount, problems] of fresh.slice(0, MAX_NAMED))
    log.warn(
      { serviceAccount, problems: problems.map(({ reason, text }) => `${reason}: ${text}`) },
      "federated ServiceAccount cannot be resolved",
    );
  if (fresh.length > MAX_NAMED)
    log.warn({ more: fresh.length - MAX_NAMED }, "more federated ServiceAccounts cannot be resolved");
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
  let last: Survey | undefined;
  const survey = (): Survey => {
    const now = surveyAccounts(accounts(), settings());
    metrics.surveyed(now);
    logNewlyInvalid(log, now, last);
    last = now;
    return now;
  };
  return {
    /** The ServiceAccounts are in, or others than before. */
    accountsChanged: (): void => void survey(),
    manifestsRead: (problems: readonly FileProblem[]): void => {
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
      const { federated, invalid } = survey();
      log.info({ federated, invalid: invalid.size }, "configuration reloaded");
    },
    certificateReloaded: (
      result: { readonly certificate: { readonly notAfter: Date } } | { readonly problem: string },
    ): void => {
      if ("problem" in result) {
        metrics.certificateReloaded("failure");
        log.error({ problem: result.problem }, "the new serving certificate is not usable; the old one stays in use");
        return;
      }
      const { notAfter } = result.certificate;
      metrics.certificateReloaded("success");
      metrics.certificateLoaded(notAfter);
      log.info({ notAfter }, "serving certificate reloaded");
    },
  };
};
