import { onTestFinished } from "vitest";
import { keysUnder } from "../../../src/federation/account-keys.ts";
import { createConnection } from "../../../src/kube/connection.ts";
import { createClusterSource } from "../../../src/serviceaccounts/cluster/cluster-source.ts";
import { type ScriptedServer, startScriptedServer, status } from "../../kube/scripted-server.ts";
import { describeSource, type SourceWorld } from "../source-contract.ts";

const worldOn = (server: ScriptedServer): SourceWorld => ({
  async open() {
    const connection = createConnection({ access: server.access });
    onTestFinished(() => connection.close());
    return createClusterSource({ connection, keys: keysUnder("podpass.dev") });
  },
  write: async ({ namespace, name, annotations }) => server.log.put(namespace, name, annotations),
  remove: async (namespace, name) => server.log.remove(namespace, name),
});

describeSource("a cluster, with a streaming list", async () => worldOn(await startScriptedServer()));

describeSource("a cluster, with a list in pages", async () => {
  const server = await startScriptedServer();
  server.always("stream", status(422, "Invalid"));
  return worldOn(server);
});

describeSource("a cluster whose watch never works", async () => {
  const server = await startScriptedServer();
  server.always("stream", status(422, "Invalid"));
  server.always("watch", status(403, "Forbidden"));
  return worldOn(server);
});
