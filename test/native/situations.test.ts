import { describe, expect, it } from "vitest";
import { type Container, type Pod, placedContainers } from "../../src/pod/pod.ts";
import { applied, asPod, decideOn, type Given } from "../support/pods.ts";
import { type Found, type Result, SITUATIONS, type Situation, type VendorSituations } from "./situations.ts";

const givenBy = ({ config, account, labels }: VendorSituations, one: Situation): Given & { readonly pod: Pod } => ({
  config,
  account: { ...account, ...one.account },
  pod: asPod({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "my-pod", labels: { ...labels, ...one.labels }, annotations: one.annotations },
    spec: { serviceAccountName: "my-api", containers: [{ name: "app", image: "x" }], ...one.spec },
  }),
});

/** As the node's own system writes it. */
const asMounted = (file: string): string => file.replace(/^C:/u, "").replaceAll("\\", "/");

/** The token in the file that `file` is, or that lies beside it in its volume, where it is a file of credentials. */
const tokenAt = (pod: Pod, { volumeMounts = [] }: Container, file: string): Found["token"] => {
  const mount = volumeMounts?.find(({ mountPath }) => asMounted(file).startsWith(`${mountPath}/`));
  const volume = pod.spec.volumes?.find(({ name }) => name === mount?.name);
  const sources = volume?.projected?.sources ?? [];
  const token = sources.find(({ serviceAccountToken }) => serviceAccountToken != null)?.serviceAccountToken;
  const isToken = asMounted(file) === `${mount?.mountPath}/${token?.path}`;
  if (token == null || (!isToken && sources.length === 1)) return undefined;
  return [token.audience ?? "", token.expirationSeconds ?? 0];
};

const foundIn = (pod: Pod, container: Container, files: readonly string[]): Found => {
  const all = Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value ?? ""]));
  const token = files.map((name) => tokenAt(pod, container, all[name] ?? "")).find((one) => one !== undefined);
  const env = Object.fromEntries(Object.entries(all).filter(([name]) => !files.includes(name)));
  return { ...(Object.keys(env).length > 0 && { env }), ...(token && { token }) };
};

const resultOf = (vendor: VendorSituations, one: Situation): Result => {
  const given = givenBy(vendor, one);
  const decision = decideOn(given);
  if (decision.outcome === "denied") return "refused";
  const after = applied(given.pod, decision.patch);
  const containers = placedContainers(after).map(({ container }) => container);
  return Object.fromEntries(containers.map((container) => [container.name, foundIn(after, container, vendor.files)]));
};

describe.each(Object.entries(SITUATIONS))("pods as in the tests of the webhook of %s", (_name, vendor) => {
  it.each(vendor.situations.map((one) => [one.like, one] as const))("%s", (_like, one) => {
    const result = resultOf(vendor, one);
    expect(result).toEqual(one.podpass?.result ?? one.vendor);
    const texts = decideOn(givenBy(vendor, one)).warnings.map(({ text }) => text);
    const wanted = one.warns ?? [];
    for (const part of wanted) expect(texts.join("\n")).toContain(part);
    expect(texts.filter((text) => !wanted.some((part) => text.includes(part)))).toEqual([]);
  });

  it("names no difference where there is none", () => {
    const same = vendor.situations.filter(
      ({ vendor: made, podpass }) => podpass !== undefined && isEqual(made, podpass.result),
    );
    expect(same.map(({ like }) => like)).toEqual([]);
  });
});

const isEqual = (one: Result, other: Result): boolean => JSON.stringify(one) === JSON.stringify(other);
