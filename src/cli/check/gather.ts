/** Everything that the checks judge, asked of the cluster: each question once, in as few rounds as there can be. */
import packageFile from "../../../package.json" with { type: "json" };
import type { Facts, Installation } from "../../check/facts.ts";
import { listAt, textAt } from "../../check/json.ts";
import { accountsWebhook, ownWebhook } from "../../check/ours.ts";
import { rightsOf } from "../../check/permission-checks.ts";
import { rightsToAsk } from "../../check/permissions.ts";
import { mapRead, type Read, valueIn } from "../../check/read.ts";
import { readNamespace } from "../../check/selectors.ts";
import { readBudget, readDeployment } from "../../check/workload.ts";
import { createClusterQueries } from "../../kube/cluster-queries.ts";
import type { Connection } from "../../kube/connection.ts";
import { accept } from "../../kube/metadata.ts";
import { createObjectQueries } from "../../kube/object-queries.ts";
import { ClusterQueryFailed } from "../../trust/cluster-queries.ts";
import { BadInput } from "../exit-codes.ts";
import { fetchIssuer } from "./fetch-issuer.ts";
import { gatherAccounts } from "./gather-accounts.ts";
import { gatherCalls } from "./gather-calls.ts";
import { gatherCaSecret, gatherLeaf } from "./gather-certificates.ts";
import { type GivenConfiguration, gatherConfiguration } from "./gather-configuration.ts";
import { gatherPolicies } from "./gather-policies.ts";
import { gatherEndpoints, gatherPods } from "./gather-replicas.ts";
import { gatherRights } from "./gather-rights.ts";
import { gatherAccountsWebhooks, gatherWebhooks } from "./gather-webhooks.ts";
import { type Asking, inNamespace } from "./questions.ts";
import { readCaBundle } from "./read-certificates.ts";

/** What is asked. */
export interface GatherOptions {
  readonly installation: Installation;
  /** Undefined: the installation's own. */
  readonly configuration: GivenConfiguration | undefined;
  readonly withDryRun: boolean;
  readonly withAccountDryRun: boolean;
  readonly fetchIssuer: boolean;
}

interface Context extends GatherOptions, Asking {
  readonly connection: Connection;
}

const ADMISSION = "/apis/admissionregistration.k8s.io/v1";

const asRead = async <Value>(question: Promise<Value>, permission: string): Promise<Read<Value>> => {
  try {
    return { kind: "read", value: await question };
  } catch (error) {
    if (!(error instanceof ClusterQueryFailed)) throw error;
    if (error.status === 403) return { kind: "forbidden", permission };
    return error.status === 404 ? { kind: "absent" } : { kind: "failed", message: error.message };
  }
};

/** The version; throws {@link BadInput} where there is nobody to ask anything else. */
const gatherVersion = async ({ ask }: Context): Promise<Read<string>> => {
  const read = await ask.object({ path: "/version", permission: "get /version" });
  if (read.kind === "failed") throw new BadInput(`the cluster cannot be asked: ${read.message}`);
  return mapRead(read, (version) => textAt(version, "gitVersion"));
};

/** The first round: what depends on nothing else. */
const gatherFirst = async (context: Context) => {
  const { ask, installation, connection } = context;
  const { namespace, name } = installation;
  const queries = createClusterQueries(connection);
  const documents = "get /.well-known/openid-configuration and /openid/v1/jwks";
  const [admissionResources, deployment, budgets, endpoints, webhooks, accountsWebhooks, namespaces, discovery, jwks] =
    await Promise.all([
      ask.object({ path: ADMISSION, permission: `get ${ADMISSION}` }),
      ask.object({
        path: `${inNamespace(installation, "/apis/apps/v1")}/deployments/${encodeURIComponent(name)}`,
        permission: `get deployments.apps ${name} in ${namespace}`,
      }),
      ask.list({
        path: `${inNamespace(installation, "/apis/policy/v1")}/poddisruptionbudgets`,
        permission: `list poddisruptionbudgets.policy in ${namespace}`,
      }),
      gatherEndpoints(context),
      gatherWebhooks(context),
      gatherAccountsWebhooks(context),
      ask.list({ path: "/api/v1/namespaces", permission: "list namespaces" }, { accept: accept.list }),
      asRead(queries.discovery(), documents),
      asRead(queries.jwks(), documents),
    ]);
  return {
    admissionResources: mapRead(admissionResources, (list) =>
      listAt(list, "resources").map((one) => textAt(one, "name")),
    ),
    deployment: mapRead(deployment, readDeployment),
    budgets: mapRead(budgets, (items) => items.map(readBudget)),
    endpoints,
    ...webhooks,
    accountsWebhooks,
    namespaces: mapRead(namespaces, (items) => items.map(readNamespace)),
    discovery,
    jwks,
  };
};

type First = Awaited<ReturnType<typeof gatherFirst>>;

/** The second round: what depends on the first. */
const gatherSecond = async (context: Context, first: First) => {
  const { ask, installation, connection, configuration: given } = context;
  const { deployment, discovery, jwks } = first;
  const { namespace, name } = installation;
  const caBundle = ownWebhook({ ...first, installation })?.caBundle ?? "";
  const accountsBundle = accountsWebhook(first)?.caBundle ?? "";
  const account = valueIn(deployment)?.serviceAccount ?? name;
  const permissions = rightsToAsk(rightsOf({ installation, deployment }));
  const isKnown = discovery.kind === "read" && jwks.kind === "read";
  const [configuration, pods, caSecret, leaf, rights, fetched] = await Promise.all([
    gatherConfiguration(context, deployment, given),
    gatherPods(context, deployment),
    gatherCaSecret(context, deployment),
    gatherLeaf(context, deployment, [caBundle, accountsBundle]),
    // Without a Deployment there is no ServiceAccount whose rights matter.
    deployment.kind === "absent" ? deployment : gatherRights(ask, { namespace, name: account }, permissions),
    context.fetchIssuer && isKnown ? fetchIssuer(discovery.value, jwks.value) : undefined,
  ]);
  const settings = valueIn(configuration)?.settings;
  const [accounts, policies] = await Promise.all([
    settings && gatherAccounts(connection, settings),
    gatherPolicies(context, settings),
  ]);
  return {
    configuration,
    ...pods,
    caBundle: readCaBundle(caBundle),
    accountsBundle: readCaBundle(accountsBundle),
    caSecret,
    leaf,
    rights,
    fetched,
    accounts,
    policies,
  };
};

/** Asks the cluster at `connection` everything. Throws {@link BadInput} where it does not answer at all. */
export const gather = async (connection: Connection, options: GatherOptions): Promise<Facts> => {
  const context = { ...options, connection, ask: createObjectQueries(connection) };
  const version = await gatherVersion(context);
  const first = await gatherFirst(context);
  const known = { ...first, ...(await gatherSecond(context, first)) };
  const calls = await gatherCalls(context, { ...known, installation: options.installation });
  const { installation } = options;
  return { installation, nowMs: Date.now(), ownVersion: packageFile.version, version, ...known, ...calls };
};
