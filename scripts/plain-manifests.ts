/** What the chart renders, as manifests for `kubectl apply`. */

/** Options of `helm template`: for the oldest version that there is a chart for. */
export const OLDEST: readonly string[] = ["--kube-version", "1.30.0"];

const header = (
  namespace: string,
): string => `# Podpass for kubectl, rendered from charts/podpass by \`npm run manifests\`. Do not edit it: docs/install.md.
apiVersion: v1
kind: Namespace
metadata:
  name: ${namespace}
  labels:
    pod-security.kubernetes.io/enforce: restricted
`;

// What says that Helm looks after an object, which is not so here, and where in the chart it comes from.
const isOfHelm = (line: string): boolean =>
  /^\s+(app\.kubernetes\.io\/managed-by: Helm|helm\.sh\/chart: .*)$/.test(line) || line.startsWith("# Source: ");

/** `rendered`, the output of `helm template`, with its namespace and without what is Helm's. */
export const asManifests = (rendered: string, namespace: string): string =>
  header(namespace) +
  rendered
    .split("\n")
    .filter((line) => !isOfHelm(line))
    .join("\n");

/** What is to be said where `manifests` enforce nothing inside the API server; undefined where they have policies. */
export const missingPolicies = (manifests: string, namespace: string): string | undefined =>
  /^kind: ValidatingAdmissionPolicy$/m.test(manifests)
    ? undefined
    : `There are no policies among these manifests: while no replica answers, nothing is enforced inside the API server.
The chart has those of its default configuration only. Unless they are left out on purpose (policies.enabled, a webhook.namespaceSelector), once these manifests are applied:
  kubectl -n ${namespace} get configmap podpass -o yaml | podpass policies --config - --namespace ${namespace} | kubectl apply --server-side -f -
Each later change of the configuration goes through the union of old and new: docs/enforcement.md#changing-a-configuration
`;
