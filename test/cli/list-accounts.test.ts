import { expect, it, onTestFinished } from "vitest";
import { listAccounts } from "../../src/cli/list-accounts.ts";
import { compileConfiguration } from "../../src/configuration/compile.ts";
import { createConnection } from "../../src/kube/connection.ts";
import { ClusterQueryFailed } from "../../src/trust/cluster-queries.ts";
import { startQueryServer } from "../kube/query-server.ts";

it("refuses a list of ServiceAccounts that does not end", { timeout: 120_000 }, async () => {
  const item = '{"metadata":{"namespace":"a","name":"b"}}';
  const page = `{"metadata":{"resourceVersion":"1","continue":"more"},"items":[${Array(100_000).fill(item)}]}`;
  const { access } = await startQueryServer(() => [200, page]);
  const connection = createConnection({ access: { read: async () => access } });
  onTestFinished(() => connection.close());
  const compiled = compileConfiguration({});
  if (!compiled.ok) throw new Error("the presets are not valid");
  let listed = 0;
  const list = listAccounts({ connection, settings: compiled.settings }, () => {
    listed++;
  });
  await expect(list).rejects.toThrow(new ClusterQueryFailed("there are more than 1000000 ServiceAccounts", undefined));
  expect(listed).toBe(1_000_000);
});
