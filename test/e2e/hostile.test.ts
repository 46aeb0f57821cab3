/** Hostile pods on a real API server: what the policy forbids never exists, whatever the webhook's `failurePolicy` is. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, it } from "vitest";
import type { ApiObject, ApiResponse } from "../cluster/api-client.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { describeOnCluster } from "../cluster/harness.ts";
import type { Pod } from "../cluster/node/pod.ts";
import { ACCOUNTS, forbiddenTokens, SECTIONS } from "../support/hostile-policy.ts";
import { type Environment, useEnvironment } from "./environment.ts";
import { type HostileRow, LARGEST, ROWS, SMALL } from "./hostile-rows.ts";
import { injected } from "./identity.ts";
import { configuration } from "./podpass.ts";

const PODS = "/api/v1/namespaces/default/pods";
const say = (text: string) => process.stdout.write(`\n    ${text}\n`);

const AWS = ACCOUNTS["plain"];
const labels = Object.fromEntries(Array.from({ length: 9000 }, (_, i) => [`${"l".repeat(50)}-${i}`, "v".repeat(63)]));
const CROWD = Array.from({ length: 12 }, (_, index) => ({
  name: `crowd-${index}`,
  annotations: { ...AWS, "aws.podpass.dev/note": "<".repeat(250_000) },
}));

const prepare = async ({ cluster, create }: Environment): Promise<void> => {
  await create([
    ...Object.entries(ACCOUNTS).map(([name, annotations]) => ({ name, annotations })),
    { name: "names", annotations: { ...AWS, "podpass.dev/skip-containers": "a,".repeat(65_000) } },
    ...CROWD,
  ]);
  const metadata = { name: "fat", labels, annotations: { ...AWS, note: "x".repeat(250_000) } };
  await cluster.must("POST", "/api/v1/namespaces/default/serviceaccounts", {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata,
  });
};

type Answer = ApiResponse<Pod & ApiObject>;

const post = (
  cluster: Cluster,
  { body, contentType }: Pick<HostileRow, "body" | "contentType">,
  name: string,
  query = "",
) =>
  cluster.request<Pod & ApiObject>("POST", `${PODS}${query}`, body(name), {
    contentType: contentType ?? "application/json",
  });

const checkAnswer = ({ status, body }: Answer, { refusal, injected: providers }: HostileRow): void => {
  if (refusal === undefined) {
    expect([status, body.message]).toEqual([201, undefined]);
    expect([injected(body), forbiddenTokens(body)]).toEqual([providers, 0]);
    return;
  }
  expect(status).not.toBe(201);
  expect(body.message).toMatch(refusal);
};

const REFUSED = /audience is "https:\/\/nobody\.example\.com"; allowed: /u;

let asked = 0;
let longestMs = 0;

/** What small pods get at the same time. */
const askSmall = async (cluster: Cluster): Promise<void> => {
  const index = asked++;
  const startedMs = performance.now();
  const [forbidden, ordinary] = await Promise.all([
    post(cluster, { body: SMALL.forbidden }, `forbidden-${index}`),
    post(cluster, { body: SMALL.ordinary }, `ordinary-${index}`),
  ]);
  longestMs = Math.max(longestMs, performance.now() - startedMs);
  expect([forbidden.body.message, ordinary.body.message]).toEqual([expect.stringMatching(REFUSED), undefined]);
  expect([forbidden.status, ordinary.status, injected(ordinary.body)]).toEqual([403, 201, "aws"]);
};

/** The sum of a metric of the API server; 0 where it was never counted. */
const metric = async (cluster: Cluster, name: string): Promise<number> => {
  const page = await cluster.must<string>("GET", "/metrics");
  return page
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) && line.includes("pods.podpass.dev"))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
};

/** The most memory that Podpass had at once. */
const peakMemory = ({ directory }: Cluster): string => {
  const folder = `${directory}/processes`;
  const file = readdirSync(folder).find((name) => name.endsWith("-podpass"));
  const pid = file && readFileSync(`${folder}/${file}`, "utf8").trim();
  return /VmHWM:.*/u.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[0] ?? "";
};

describeOnCluster.each(["Ignore", "Fail"] as const)("hostile pods, with failurePolicy: %s", (failurePolicy) => {
  // As long as may be: the API server itself may need ten seconds to write one of these reviews.
  const options = { config: configuration(SECTIONS), failurePolicy, timeoutSeconds: 30 };
  const current = useEnvironment(options, prepare);

  beforeAll(() => {
    asked = 0;
    longestMs = 0;
  });

  it.each(ROWS.map((row, index) => [row.name, row, index] as const))("%s", async (_name, row, index) => {
    const { cluster } = current();
    const queries = row.isHeavy ? [failurePolicy === "Fail" ? "?dryRun=All" : ""] : ["?dryRun=All", ""];
    for (const query of queries) {
      const sent = post(cluster, row, `hostile-${index}`, query);
      let isAnswered = false;
      const answered = sent.finally(() => {
        isAnswered = true;
      });
      do {
        await askSmall(cluster);
        await sleep(20);
      } while (!isAnswered);
      checkAnswer(await answered, row);
    }
  });

  it("16 of the largest pods at once, each with a forbidden token", async () => {
    const { cluster } = current();
    const sent = Array.from({ length: 16 }, (_, index) => post(cluster, LARGEST, `largest-${index}`));
    const answers = await Promise.all(sent);
    const created = answers.filter(({ status }) => status === 201);
    const busy = answers.filter(({ body }) => body.message?.includes("too many large reviews came at once"));
    say(`${busy.length} of ${answers.length} of the largest pods were refused because there were so many`);
    expect(created).toHaveLength(0);
  });

  it("leaves no pod with a forbidden token, and never failed open", async () => {
    const { cluster, podpass } = current();
    const { items } = await cluster.must<{ items: Pod[] }>("GET", PODS);
    expect(items.filter((pod) => forbiddenTokens(pod) > 0).map(({ metadata }) => metadata.name)).toEqual([]);
    expect(await metric(cluster, "apiserver_admission_webhook_fail_open_count")).toBe(0);
    const failures = (await podpass.log()).filter(({ level }) => level === "error");
    expect(failures).toEqual([]);
    say(`${items.length} pods, ${asked} small ones asked for twice, longest wait ${Math.round(longestMs)} ms`);
    say(peakMemory(cluster));
  });
});
