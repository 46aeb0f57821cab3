import type { Preset } from "../provider-spec.ts";

/** Another cluster's API server, by a kubeconfig that names the token's file. */
export const kubernetes: Preset = {
  name: "kubernetes",
  title: "Another Kubernetes cluster",
  description: "A user of another cluster's API server, which trusts this cluster's issuer.",
  support: "env+file",
  documentation:
    "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration",
  token: {
    audience: "${parameter.token-audience}",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
  },
  parameters: {
    server: {
      description: "The URL of the API server.",
      required: true,
      scope: "platform",
      pattern: "^https://[^\\s\\p{Z}\\p{Cf}/?#@]+(/[^\\s\\p{Z}\\p{Cf}?#]*)?$",
      example: "https://cluster-b.example.com:6443",
    },
    "token-audience": {
      description: "One of the audiences that the API server takes from this issuer.",
      required: true,
      scope: "platform",
      pattern: "^[^\\s\\p{Z}\\p{Cf}]+$",
      example: "https://cluster-b.example.com",
    },
    "certificate-authority-data": {
      description: "The API server's CA certificates: PEM in base64, on one line.",
      scope: "platform",
      pattern: "^[A-Za-z0-9+/]+={0,2}$",
      maxLength: 16_384,
      example: "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==",
    },
    namespace: {
      description: "The namespace there that programs work in unless told otherwise.",
      pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
      example: "production",
    },
  },
  env: { KUBECONFIG: "${file.kubeconfig}" },
  files: [
    {
      name: "kubeconfig",
      json: {
        apiVersion: "v1",
        kind: "Config",
        clusters: [
          {
            name: "cluster",
            cluster: {
              server: "${parameter.server}",
              "certificate-authority-data": "${parameter.certificate-authority-data}",
            },
          },
        ],
        // The client for Node.js knows the second name only.
        users: [{ name: "user", user: { tokenFile: "${token.file}", "token-file": "${token.file}" } }],
        contexts: [
          { name: "context", context: { cluster: "cluster", user: "user", namespace: "${parameter.namespace}" } },
        ],
        "current-context": "context",
      },
    },
  ],
  seenWith: [
    { registry: "npm", sdk: "@kubernetes/client-node", version: "2.0.1" },
    { registry: "PyPI", sdk: "kubernetes", version: "37.0.1" },
    { registry: "Go", sdk: "k8s.io/kubernetes/cmd/kubectl", version: "1.37.2" },
  ],
  notes: [
    "One provider for each cluster, under a name of its own with `preset: kubernetes`.",
    "Programs that would use their own cluster's API server by default, and read KUBECONFIG first, now speak to the other one; name their containers in skip-containers. Those that ask for the in-cluster configuration never see it.",
    "Clients for Go read the token again while they run. That for Node.js (@kubernetes/client-node 2.0.1) reads it once, when it loads the file, by a name that others pass over, and that for Python (kubernetes 37.0.1) reads it once, too: a program that runs for long has to load it again.",
  ],
  trust: {
    // The far API server fetches the keys, but takes no others.
    keys: "discovery",
    fields: { issuer: "${issuer}", audience: "${audience}", username: "${subject}", server: "${parameter.server}" },
    documents: {
      "authentication-configuration": {
        json: {
          apiVersion: "apiserver.config.k8s.io/v1",
          kind: "AuthenticationConfiguration",
          jwt: [
            {
              issuer: { url: "${issuer}", audiences: ["${audience}"] },
              claimMappings: { username: { claim: "sub", prefix: "${issuer.slug}:" } },
            },
          ],
        },
      },
    },
    steps: [
      {
        title: "Have the other cluster's API server trust this issuer.",
        once: true,
        place: "the file of its --authentication-config",
        form: { "jwt[].issuer.url": "${issuer}", "jwt[].issuer.audiences": "${audience}" },
        documents: ["authentication-configuration"],
      },
      {
        title: "Give the user rights there.",
        command: [
          "kubectl",
          "create",
          "rolebinding",
          "${account.slug}",
          "--namespace",
          "<namespace>",
          "--clusterrole",
          "<role>",
          "--user",
          "${issuer.slug}:${subject}",
        ],
      },
    ],
    notes: [
      "Without the prefix a ServiceAccount of this cluster would be one of the same name there.",
      "An issuer with a private certificate needs `certificateAuthority` in the document. The API server needs no restart for a changed file.",
    ],
    unverified: ["Managed clusters take the issuer by an API of their own, which was not tried."],
  },
};
