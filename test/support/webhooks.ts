/** A webhook over real TLS in this process, with stand-ins only at its ports. */
import { onTestFinished } from "vitest";
import { type Authority, createAuthority } from "../../scripts/certificates.ts";
import type { Answer } from "../../src/admission/answer.ts";
import { compileConfiguration } from "../../src/configuration/compile.ts";
import { TIMEOUTS, type Timeouts } from "../../src/http/server.ts";
import { startWebhook, type Webhook, type WebhookPorts } from "../../src/http/webhook.ts";
import type { FailedHandshake } from "../../src/telemetry/handshakes.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { type Client, createClient } from "./http-client.ts";
import { federatedAccount, sourceOf } from "./sources.ts";

const LOCAL = { host: "127.0.0.1", port: 0, healthHost: "127.0.0.1", healthPort: 0 };

let shared: Promise<Authority> | undefined;

/** The CA of every webhook of a test file. */
export const testAuthority = (): Promise<Authority> => {
  shared ??= createAuthority();
  return shared;
};

/** A running webhook and what it answered. */
export interface TestWebhook extends Webhook {
  readonly client: Client;
  readonly answers: Answer[];
  readonly handshakes: FailedHandshake[];
  readonly ca: string;
}

/** Starts one, by default with every preset and `production/my-api` federated; it ends with the test. */
export const startTestWebhook = async (
  ports: Partial<WebhookPorts> = {},
  timeouts: Partial<Timeouts> = {},
): Promise<TestWebhook> => {
  const authority = await testAuthority();
  const compiled = compileConfiguration({});
  if (!compiled.ok) throw new Error("the presets are not valid");
  const answers: Answer[] = [];
  const handshakes: FailedHandshake[] = [];
  const webhook = await startWebhook(
    {
      settings: () => compiled.settings,
      source: sourceOf(() => federatedAccount()),
      certificate: await authority.issue(),
      metrics: createMetrics(false),
      answered: (answer) => void answers.push(answer),
      handshakeFailed: (failed) => void handshakes.push(failed),
      timeouts: { ...TIMEOUTS, ...timeouts },
      ...ports,
    },
    LOCAL,
  );
  const client = createClient(webhook.url, authority.ca);
  onTestFinished(async () => {
    client.agent.destroy();
    await webhook.close(AbortSignal.abort());
  });
  return { ...webhook, client, answers, handshakes, ca: authority.ca };
};
