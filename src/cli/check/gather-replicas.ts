/** The replicas: their pods, what they say of themselves, and whether the Service knows them. */
import type { Facts, ReplicaState } from "../../check/facts.ts";
import { mapRead, type Read, valueIn } from "../../check/read.ts";
import { type Deployment, type Replica, readReplica, readyEndpoints } from "../../check/workload.ts";
import { type Asking, inNamespace } from "./questions.ts";

/** So many replicas are asked for their `/readyz`. */
const MAX_ASKED = 10;
/** Of a page; there is one for each condition. */
const MAX_LINES = 50;

/** Asks for the Deployment's pods, and each of the first of them for its `/readyz`. */
export const gatherPods = async (
  { ask, installation }: Asking,
  deployment: Read<Deployment>,
): Promise<Pick<Facts, "pods" | "states">> => {
  if (deployment.kind !== "read") return { pods: { kind: "absent" }, states: [] };
  const { selector, healthPort } = deployment.value;
  const path = `${inNamespace(installation, "/api/v1")}/pods`;
  const labelSelector = selector.map(({ key, values }) => `${key}=${values[0] ?? ""}`).join(",");
  const list = await ask.list(
    { path, permission: `list pods in ${installation.namespace}` },
    labelSelector === "" ? {} : { labelSelector },
  );
  const pods = mapRead(list, (items) => items.map(readReplica));
  const asked = (valueIn(pods) ?? []).filter(({ isTerminating }) => !isTerminating).slice(0, MAX_ASKED);
  const state = async ({ name }: Replica): Promise<ReplicaState> => {
    const page = await ask.page({
      path: `${path}/${encodeURIComponent(name)}:${healthPort}/proxy/readyz`,
      permission: `get pods/proxy in ${installation.namespace}`,
    });
    return {
      name,
      page: mapRead(page, ({ status, text }) => ({
        isReady: status === 200,
        lines: text.split("\n").slice(0, MAX_LINES),
      })),
    };
  };
  return { pods, states: await Promise.all(asked.map(state)) };
};

/** How many ready addresses the Service has. */
export const gatherEndpoints = async ({ ask, installation }: Asking): Promise<Read<number>> => {
  const { namespace, name } = installation;
  const service = await ask.object({
    path: `${inNamespace(installation, "/api/v1")}/services/${encodeURIComponent(name)}`,
    permission: `get services ${name} in ${namespace}`,
  });
  if (service.kind !== "read") return service;
  const slices = await ask.list(
    {
      path: `${inNamespace(installation, "/apis/discovery.k8s.io/v1")}/endpointslices`,
      permission: `list endpointslices.discovery.k8s.io in ${namespace}`,
    },
    { labelSelector: `kubernetes.io/service-name=${name}` },
  );
  return mapRead(slices, (items) => items.reduce((sum, slice) => sum + readyEndpoints(slice), 0));
};
