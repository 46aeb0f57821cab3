import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { podpassInside } from "../cli/podpass.ts";
import { VENDORS } from "../native/rows.ts";
import { bothSettings, manifests, migrate, podsOf } from "./migrated.ts";

const specOf = (pod: object | "refused" | undefined): unknown =>
  typeof pod === "object" && "spec" in pod ? pod.spec : pod;

describe.each(Object.entries(VENDORS))("what ran by the webhook of %s", (_vendor, { config, rows }) => {
  const settings = bothSettings(parse(config));

  it.each(rows.map((row) => [row.about, row] as const))("%s", async (_about, { account, labels, annotations }) => {
    const template = {
      metadata: { labels: { app: "app", ...labels }, annotations },
      spec: { serviceAccountName: "app", containers: [{ name: "app", image: "x" }] },
    };
    const source = manifests(account, template);
    const [before] = podsOf(source, settings.before);
    const { text, messages } = migrate(source, settings);
    if (before === "refused") {
      expect(messages.some((message) => message.startsWith("error: it cannot be migrated"))).toBe(true);
      expect(text).toBe(source);
      return;
    }
    expect(messages.filter((message) => message.startsWith("error"))).toEqual([]);
    expect(specOf(podsOf(text, settings.after)[0])).toEqual(specOf(before));
    // Both webhooks go by what is kept.
    expect(specOf(podsOf(migrate(source, settings, true).text, settings.after)[0])).toEqual(specOf(before));
    expect(migrate(text, settings).text).toBe(text);
    const stdin = `apiVersion: podpass.dev/v1alpha1\nkind: Configuration\n${config.replace(/nativeAnnotations:.*\n/, "")}---\n${text}`;
    const { stdout, exitCode } = await podpassInside(["lint", "-f", "-"], { stdin });
    expect(exitCode === 0 ? "" : stdout).toBe("");
  });
});
