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
