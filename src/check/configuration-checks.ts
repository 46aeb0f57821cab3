/** The configuration, read by the same code as in `serve`. */
import { showPath } from "../configuration/problem.ts";
import type { LocatedProblem } from "../configuration/read.ts";
import type { Check } from "./check.ts";
import type { ConfigurationFacts, Facts } from "./facts.ts";
import { shortDigest } from "./stored-policy.ts";
import { counted, fail, pass, unjudged, type Verdict, warn } from "./verdict.ts";

const showProblem = ({ line, column, path, message }: LocatedProblem): string =>
  `${line}:${column}: ${path.length === 0 ? "" : `${showPath(path)}: `}${message}`;

const judgeText = ({ origin, digest, settings, problems }: ConfigurationFacts): Verdict => {
  const data = { origin, digest: digest ?? null };
  if (settings === undefined)
    return fail(
      `${origin} cannot be used: ${counted(problems.length, "problem")}`,
      "Correct it; replicas that run go on with the one before, new ones do not start.",
      { details: problems.map(showProblem), data },
    );
  const { providers, policy, annotationPrefix, notices } = settings;
  const more = {
    data: { ...data, providers: [...providers.keys()], annotationPrefix, enforcement: policy.enforcement },
    details: notices.map(({ text }) => text),
  };
  if (notices.some(({ isMeant }) => !isMeant))
    return warn(
      `${origin} is valid, but part of it was adjusted or is without effect`,
      "Take it out, or correct it.",
      more,
    );
  return pass(`${origin} is valid: ${counted(providers.size, "provider")}, ${shortDigest(digest ?? "")}`, more);
};

const judgeConfiguration = ({ configuration, deployment }: Facts): Verdict | undefined => {
  if (configuration.kind === "read") return judgeText(configuration.value);
  if (configuration.kind !== "absent") return unjudged("the configuration", configuration);
  if (deployment.kind !== "read") return undefined;
  return fail(
    "the ConfigMap with the configuration is not there, or the file is not in it",
    "Install the chart again; a pod cannot start without what it mounts.",
  );
};

/** The checks, in the order of the output. */
export const CONFIGURATION_CHECKS: readonly Check[] = [
  {
    id: "configuration",
    means:
      "The configuration in the installation's ConfigMap, or the file of `--config`, is one that `serve` would take. Its digest, by which policies and replicas name it too, tells two apart.",
    todo: "Correct what is named, with its line and column. `podpass lint -f FILE` says the same before it is installed.",
    judge: judgeConfiguration,
  },
];
