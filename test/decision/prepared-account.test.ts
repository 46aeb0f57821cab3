import { describe, expect, it } from "vitest";
import { Preparation, prepareAccount } from "../../src/decision/prepared-account.ts";
import { asPod, pod, serviceAccount, settingsOf } from "../support/pods.ts";

const SETTINGS = settingsOf(`nativeAnnotations: [azure]
providers:
  azure: { preset: azure, parameters: { tenant-id: { default: contoso.example.com } } }
  demo: { token: { audience: demo } }
defaults: [{ namespaces: [team-*], provider: demo }]
`);

const client = { "azure.workload.identity/client-id": "11111111-2222-3333-4444-555555555555" };
const podWithLabel = (value: string) =>
  asPod({ ...pod(), metadata: { name: "my-pod", labels: { "azure.workload.identity/use": value } } });

describe("an account whose pods have a say", () => {
  it("is prepared once for each thing that they say", () => {
    const account = new Preparation(SETTINGS).of(serviceAccount({ ...client, "podpass.dev/federate": "demo" }));
    const [yes, no] = [account.forPod(podWithLabel("true")), account.forPod(podWithLabel("no"))];
    expect(yes).toBe(account);
    expect(no).not.toBe(account);
    expect(account.forPod(pod())).toBe(no);
    expect([yes, no].map(({ federation }) => federation.providers)).toStrictEqual([["demo", "azure"], ["demo"]]);
  });

  it("is itself for every pod where they have none", () => {
    const account = prepareAccount(serviceAccount({ "podpass.dev/federate": "demo" }), SETTINGS);
    expect(account.forPod(podWithLabel("true"))).toBe(account);
  });
});

it("knows an account without annotations by its name, since there is an object for each question", () => {
  const preparation = new Preparation(SETTINGS);
  const account = preparation.of(serviceAccount({}, "team-a"));
  expect(account.federation.providers).toStrictEqual(["demo"]);
  expect(preparation.of(serviceAccount({}, "team-a"))).toBe(account);
  expect(preparation.of(serviceAccount({}, "team-b"))).not.toBe(account);
});
