/** More programs that know nothing of tests; see `../cluster/sdk-programs.ts`. */
import { createRequire } from "node:module";
import type { SdkProgram } from "../cluster/sdk-programs.ts";

/** Reads secrets by the exchange that Enkryptify documents; its SDK is in no registry. */
export const enkryptifyProgram: SdkProgram = {
  source: `
import { readFileSync } from "node:fs";
const { ENKRYPTIFY_API_URL: api, ENKRYPTIFY_TOKEN_PATH: path } = process.env;
const call = async (url, init) => {
  const response = await fetch(api + url, init);
  if (!response.ok) throw new Error(url + ": " + response.status);
  return response.json();
};
const { accessToken } = await call("/v1/auth/oidc/exchange", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ token: readFileSync(path, "utf8"), workspaceId: "acme" }),
});
const headers = { authorization: "Bearer " + accessToken };
const query = "?environmentId=production&resolve=true";
const secrets = await call("/v1/workspace/acme/project/reports/secret" + query, { headers });
console.log(secrets.map(({ name, values }) => name + "=" + values[0].value).join(" "));`,
};

/** Lists pods of whatever cluster KUBECONFIG leads to. */
export const kubernetesProgram: SdkProgram = {
  locateSdk: () => createRequire(import.meta.url).resolve("@kubernetes/client-node"),
  source: `
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
const config = new KubeConfig();
config.loadFromDefault();
const { namespace } = config.getContextObject(config.getCurrentContext());
const { items } = await config.makeApiClient(CoreV1Api).listNamespacedPod({ namespace });
console.log(items.map(({ metadata }) => metadata.name).join(" "));`,
};

/** The same with the client for Python. */
export const kubernetesPython: SdkProgram = {
  source: `
from kubernetes import client, config
config.load_kube_config()
_, active = config.list_kube_config_contexts()
pods = client.CoreV1Api().list_namespaced_pod(active["context"]["namespace"])
print(" ".join(pod.metadata.name for pod in pods.items))`,
};

/** The same with kubectl. */
export const kubectlScript: SdkProgram = {
  source: `
kubectl get pods --output=jsonpath='{.items[*].metadata.name}{"\\n"}'`,
};

/** Logs in at Vault's Kubernetes auth method. */
export const vaultProgram: SdkProgram = {
  source: `
import { readFileSync } from "node:fs";
const { VAULT_ADDR, VAULT_ROLE: role, VAULT_JWT_PATH } = process.env;
const body = JSON.stringify({ role, jwt: readFileSync(VAULT_JWT_PATH, "utf8") });
const response = await fetch(VAULT_ADDR + "/v1/auth/kubernetes/login", { method: "POST", body });
const answer = await response.json();
if (!response.ok) throw new Error(answer.errors.join());
console.log(answer.auth.metadata.subject);`,
};

/** Reads an object, with what boto3 finds by itself. */
export const s3Python: SdkProgram = {
  source: `
import boto3
answer = boto3.client("s3").get_object(Bucket="reports", Key="2026/november.txt")
print(answer["Body"].read().decode())`,
};

/** Reads an object of Cloud Storage, with Application Default Credentials. */
export const googlePython: SdkProgram = {
  source: `
import google.auth
from google.auth.transport.requests import AuthorizedSession
credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
url = "https://storage.googleapis.com/storage/v1/b/reports/o/november.txt?alt=media"
answer = AuthorizedSession(credentials).get(url)
answer.raise_for_status()
print(answer.text)`,
};

/** Sends a message. */
export const anthropicPython: SdkProgram = {
  source: `
from anthropic import Anthropic
messages = [{"role": "user", "content": "Who am I?"}]
answer = Anthropic().messages.create(model="claude-test", max_tokens=16, messages=messages)
print(answer.content[0].text)`,
};

/** Asks a model of OpenAI's, with what LiteLLM finds by itself; its table of prices is the one that it comes with. */
export const liteLlmPython: SdkProgram = {
  source: `
import os
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm
litellm.suppress_debug_info = True
messages = [{"role": "user", "content": "Who am I?"}]
answer = litellm.completion(model="openai/gpt-test", messages=messages, max_retries=0)
print(answer.choices[0].message.content)`,
};
