/** What Podpass' ServiceAccount may do: too little, and too much. */
import type { Check } from "./check.ts";
import type { Facts } from "./facts.ts";
import {
  EXCESS_RIGHTS,
  type ExcessRight,
  excessNamespaces,
  excessRights,
  isPartOf,
  neededRights,
  type RightsOf,
  showPermission,
} from "./permissions.ts";
import { valueIn } from "./read.ts";
import { POLICY_KINDS } from "./stored-policy.ts";
import { counted, fail, pass, unjudged, type Verdict, warn } from "./verdict.ts";
import { optionOf, optionsOf } from "./workload.ts";

/** The kinds that `serve` reads with these arguments. */
const policyResources = (args: readonly string[]): readonly string[] => {
  if (optionOf(args, "policies") === undefined) return [];
  const isValidatingOnly = args.includes("--validating-policies-only");
  return POLICY_KINDS.filter(({ kind }) => !isValidatingOnly || kind.startsWith("Validating")).map(
    ({ resource }) => resource,
  );
};

/** What the rights of this installation depend on. */
export const rightsOf = ({ installation, deployment }: Pick<Facts, "installation" | "deployment">): RightsOf => {
  const { args } = valueIn(deployment) ?? { args: [] };
  return {
    namespace: installation.namespace,
    webhookConfigurations: optionsOf(args, "webhook-configuration"),
    validatingConfigurations: optionsOf(args, "validating-webhook-configuration"),
    policyResources: policyResources(args),
    caSecret: optionOf(args, "ca-secret"),
  };
};

const accountOf = ({ installation, deployment }: Facts): string =>
  `ServiceAccount ${installation.namespace}/${valueIn(deployment)?.serviceAccount ?? installation.name}`;

const judgeNeeded = (facts: Facts): Verdict | undefined => {
  const { rights } = facts;
  if (rights.kind === "absent") return undefined;
  if (rights.kind !== "read") return unjudged("what Podpass may do", rights);
  const needed = neededRights(rightsOf(facts));
  const isThere = (names: readonly string[]) => names.some((name) => rights.value.get(name) === true);
  const missing = needed
    .map((either) => either.map(showPermission))
    .filter((either) => !isThere(either))
    .map((either) => either.join(", or "));
  if (missing.length === 0)
    return pass(
      facts.deployment.kind === "read"
        ? `${accountOf(facts)} may do what it needs`
        : `${accountOf(facts)} may read ServiceAccounts; without the Deployment it is not known what else it needs`,
    );
  return fail(
    `${accountOf(facts)} lacks ${counted(missing.length, "right")} that it needs`,
    "Install the chart again, or give it the rights.",
    {
      details: missing,
      data: { missing },
    },
  );
};

/** A row's sentence, with the place where it holds. */
const showExcess = ({ permission, opens, isNamespaced }: ExcessRight): string => {
  const isEverywhere = isNamespaced && permission.namespace === undefined;
  return `${showPermission(permission)}${isEverywhere ? " in all namespaces" : ""}: opens ${opens}`;
};

const judgeExcess = (facts: Facts): Verdict | undefined => {
  const { rights } = facts;
  if (rights.kind !== "read") return undefined;
  const found = excessRights(facts.installation).filter(
    ({ permission }) => rights.value.get(showPermission(permission)) === true,
  );
  const told = found.filter((one) => !found.some((other) => isPartOf(one, other)));
  if (told.length === 0) {
    const places = excessNamespaces(facts.installation).join(" or ");
    return pass(
      `${accountOf(facts)} has none of ${counted(EXCESS_RIGHTS.length, "dangerous right")}, neither in all namespaces nor in ${places}`,
    );
  }
  return warn(
    `${accountOf(facts)} may do more than it needs: whoever takes over a replica has that too`,
    "Take away the binding that gives it: kubectl get clusterrolebindings,rolebindings -A -o wide shows them.",
    {
      details: told.map(showExcess),
      data: { excess: told.map(({ permission }) => showPermission(permission)) },
    },
  );
};

/** The checks, in the order of the output. */
export const PERMISSION_CHECKS: readonly Check[] = [
  {
    id: "permissions-needed",
    means:
      "Podpass' ServiceAccount may read ServiceAccounts, the admission policies where it reports their drift, and with managed certificates its one Secret and its own webhook configurations. The API server itself is asked (SubjectAccessReview).",
    todo: "Install the chart again, or give it the rights that are named.",
    judge: judgeNeeded,
  },
  {
    id: "permissions-excess",
    means:
      "It may do none of a list of dangerous things: read other Secrets, create pods or tokens, change other webhooks. Each is asked for in all namespaces, and what is in namespaces also in Podpass' own and in `kube-system`; a Role in another namespace is not looked for.",
    todo: "Take the binding away. Podpass stands in the path of every pod; what it may do, whoever takes it over may do.",
    judge: judgeExcess,
  },
];
