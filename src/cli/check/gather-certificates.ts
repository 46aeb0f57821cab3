/** Certificates in Secrets. */
import type { Facts } from "../../check/facts.ts";
import { mapRead, type Read } from "../../check/read.ts";
import { type Deployment, mountedFile, optionOf } from "../../check/workload.ts";
import { type Asking, secretQuestion } from "./questions.ts";
import { readCaSecret, readLeaf } from "./read-certificates.ts";

/** The CA of managed certificates. */
export const gatherCaSecret = async (asking: Asking, deployment: Read<Deployment>): Promise<Facts["caSecret"]> => {
  const name = deployment.kind === "read" ? optionOf(deployment.value.args, "ca-secret") : undefined;
  return name === undefined
    ? undefined
    : mapRead(await asking.ask.object(secretQuestion(asking.installation, name)), readCaSecret);
};

/** The serving certificate, where it is mounted from a Secret; `caBundles` are those of the webhook configurations. */
export const gatherLeaf = async (
  asking: Asking,
  deployment: Read<Deployment>,
  caBundles: readonly string[],
): Promise<Facts["leaf"]> => {
  const file = deployment.kind === "read" ? mountedFile(deployment.value, "tls-cert") : undefined;
  if (file?.kind !== "secret") return undefined;
  const { namespace, name } = asking.installation;
  const read = await asking.ask.object(secretQuestion(asking.installation, file.name));
  if (read.kind !== "read") return read;
  const host = `${name}.${namespace}.svc`;
  const leaf = readLeaf(read.value, { secret: file.name, key: file.key, host, caBundles });
  return leaf === undefined ? { kind: "absent" } : { kind: "read", value: leaf };
};
