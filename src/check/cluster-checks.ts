/** The cluster: its version, and what it has of what Podpass builds on. */
import type { Check } from "./check.ts";
import type { Facts } from "./facts.ts";
import { fail, pass, unjudged, type Verdict, warn } from "./verdict.ts";
import { isOlder, NEWEST_TESTED, OLDEST_POSSIBLE, OLDEST_TESTED, readVersion, showVersion } from "./versions.ts";

const tested = `${showVersion(OLDEST_TESTED)} to ${showVersion(NEWEST_TESTED)}`;

const judgeVersion = ({ version: read }: Facts): Verdict => {
  if (read.kind === "absent") return warn("the API server does not say its version", "Look at kubectl version.");
  if (read.kind !== "read") return unjudged("the Kubernetes version", read);
  const version = readVersion(read.value);
  const data = { version: read.value };
  if (version === undefined)
    return warn(`Kubernetes calls itself ${read.value}, which is no version`, "Look at kubectl version.", { data });
  if (isOlder(version, OLDEST_POSSIBLE))
    return fail(
      `Kubernetes ${read.value} is older than ${showVersion(OLDEST_POSSIBLE)}, the first with match conditions`,
      `Upgrade the cluster; Podpass is tested with ${tested}.`,
      { data },
    );
  if (isOlder(version, OLDEST_TESTED))
    return warn(`Kubernetes ${read.value} is older than what Podpass is tested with`, `Tested are ${tested}.`, {
      data,
    });
  if (isOlder(NEWEST_TESTED, version))
    return warn(
      `Kubernetes ${read.value} is newer than what this version of Podpass is tested with`,
      `Upgrade Podpass; tested are ${tested}.`,
      { data },
    );
  return pass(`Kubernetes ${read.value}`, { data });
};

const FEATURES = [
  { resource: "validatingadmissionpolicies", name: "ValidatingAdmissionPolicy", since: "1.30" },
  { resource: "mutatingadmissionpolicies", name: "MutatingAdmissionPolicy", since: "1.36" },
] as const;

const judgeFeatures = ({ admissionResources: read }: Facts): Verdict => {
  if (read.kind === "absent")
    return fail(
      "the API server does not serve admissionregistration.k8s.io/v1",
      "Look at the API server's --runtime-config; webhooks need this API.",
    );
  if (read.kind !== "read") return unjudged("the API's features", read);
  const has = (resource: string): boolean => read.value.includes(resource);
  const data = Object.fromEntries(FEATURES.map(({ resource, name }) => [name, has(resource)]));
  const words = FEATURES.map(({ resource, name, since }) =>
    has(resource) ? name : `no ${name} (on by default since ${since})`,
  );
  return pass(`the API server has: ${words.join(", ")}`, { data });
};

/** The checks, in the order of the output. */
export const CLUSTER_CHECKS: readonly Check[] = [
  {
    id: "kubernetes-version",
    means: `The API server's version is one that Podpass is tested with: ${tested}.`,
    todo: "Upgrade whichever of the two is behind.",
    judge: judgeVersion,
  },
  {
    id: "kubernetes-features",
    means: "Which kinds of admission policies the API server has. They go on where a webhook is down.",
    todo: "Nothing, where it passes. Without the API itself there can be no webhook.",
    judge: judgeFeatures,
  },
];
