/** Manifests that several tests need. */

/** A ServiceAccount federated with OpenAI. */
export const ACCOUNT = `apiVersion: v1
kind: ServiceAccount
metadata:
  name: my-api
  annotations:
    podpass.dev/federate: openai
    openai.podpass.dev/identity-provider-id: idp_1
    openai.podpass.dev/service-account-id: user-1
`;

/** A pod of it. */
export const POD = `apiVersion: v1
kind: Pod
metadata:
  name: api
spec:
  serviceAccountName: my-api
  containers:
  - name: api
    image: nginx
`;
