/** Access from inside a pod: four files and variables that kubelet provides. */

import { readFile } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import { messageOf } from "../reasons/text.ts";
import { type AccessSource, readServer } from "./access.ts";

/**
 * Where the ServiceAccount admission plugin mounts token and CA.
 * @see https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
 */
const mountedServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

/** What can be somewhere else in tests. */
export interface InClusterOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly directory?: string;
}

/** Does this process run in a pod that knows its API server? */
export const isInCluster = (env: InClusterOptions["env"] = process.env): boolean =>
  Boolean(env["KUBERNETES_SERVICE_HOST"]) && Boolean(env["KUBERNETES_SERVICE_PORT"]);

const readMounted = async (directory: string, name: string): Promise<string> => {
  const path = join(directory, name);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new Error(`${path} cannot be read: ${messageOf(error)}`);
  }
  if (text.trim() === "") throw new Error(`${path} is empty`);
  return text;
};

/**
 * Access with the mounted token and CA. Both are read together: kubelet replaces a projected volume's files at once, the
 * token when 80 % of its time is over.
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#serviceaccount-token-volume-projection
 */
export const inClusterAccess = (options: InClusterOptions = {}): AccessSource => {
  const { env = process.env, directory = mountedServiceAccount } = options;
  return {
    async read() {
      const host = env["KUBERNETES_SERVICE_HOST"];
      const port = env["KUBERNETES_SERVICE_PORT"];
      if (!host || !port)
        throw new Error(
          "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this process does not run in a pod",
        );
      const server = readServer(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`);
      const reads = [readMounted(directory, "token"), readMounted(directory, "ca.crt")] as const;
      // Where both fail, the token is named, whichever failed first.
      await Promise.allSettled(reads);
      const [token, ca] = await Promise.all(reads);
      return { server, ca, authorization: `Bearer ${token.trim()}` };
    },
  };
};

/** The namespace of the pod that this process runs in, by its ServiceAccount; undefined where there is none. */
export const mountedNamespace = async ({ directory = mountedServiceAccount }: InClusterOptions = {}) => {
  try {
    return (await readMounted(directory, "namespace")).trim();
  } catch {
    return undefined;
  }
};
