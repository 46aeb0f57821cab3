import { describe, expect, it } from "vitest";
import { applied, asPod, containerOf, decideOn, type Given, pod } from "../support/pods.ts";
import { VENDORS } from "./rows.ts";
import type { Made, Row } from "./vendor.ts";

const givenBy = (
  { account, labels, annotations }: Row,
  config: string,
): Given & { readonly pod: ReturnType<typeof pod> } => ({
  config,
  account,
  pod: asPod({ ...pod(), metadata: { name: "my-pod", labels, annotations } }),
});

const madeBy = (given: ReturnType<typeof givenBy>): Made | null | "refused" => {
  const decision = decideOn(given);
  if (decision.outcome === "denied") return "refused";
  const after = applied(given.pod, decision.patch);
  const { env, volumeMounts } = containerOf(after);
  const [mount] = volumeMounts ?? [];
  if (mount === undefined) return null;
  const source = after.spec.volumes?.find(({ name }) => name === mount.name)?.projected?.sources?.[0];
  const token = source?.serviceAccountToken;
  return {
    audience: token?.audience ?? "",
    seconds: token?.expirationSeconds ?? 0,
    file: `${mount.mountPath}/${token?.path}`,
    env: Object.fromEntries((env ?? []).map(({ name, value }) => [name, value ?? ""])),
  };
};

const expectedOf = ({ vendor, podpass }: Row): Made | null | "refused" => {
  if (podpass === undefined) return vendor;
  const { made } = podpass;
  if (made === null || made === "refused") return made;
  return { ...(typeof vendor === "object" ? vendor : undefined), ...made } as Made;
};

describe.each(Object.entries(VENDORS))("pods as the webhook of %s makes them", (_vendor, { config, rows }) => {
  it.each(rows.map((row) => [row.about, row] as const))("%s", (_about, row) => {
    const given = givenBy(row, config);
    expect(madeBy(given)).toStrictEqual(expectedOf(row));
    const texts = decideOn(given).warnings.map(({ text }) => text);
    const wanted = row.warns ?? [];
    for (const part of wanted) expect(texts.join("\n")).toContain(part);
    const usual = texts.filter((text) => !wanted.some((part) => text.includes(part)));
    expect(usual).toStrictEqual([]);
  });
});
