/** Manifests before and after a migration, and the pods that come of them. */
import { stringify } from "yaml";
import { readConfiguration } from "../../src/configuration/read.ts";
import type { Settings } from "../../src/configuration/settings.ts";
import { withAdditions } from "../../src/manifests/add-value.ts";
import { readManifest } from "../../src/manifests/document.ts";
import { injectManifests } from "../../src/manifests/inject-manifests.ts";
import { objectsIn } from "../../src/manifests/objects.ts";
import { collectServiceAccounts } from "../../src/manifests/service-accounts.ts";
import { migrateManifests } from "../../src/migration/migrate-manifests.ts";
import { toPlain } from "../../src/yaml/values.ts";

/** The settings of a configuration with these sections. */
const settingsOf = (sections: object): Settings => {
  const read = readConfiguration(
    JSON.stringify({ apiVersion: "podpass.dev/v1alpha1", kind: "Configuration", ...sections }),
  );
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.settings;
};

interface BothSettings {
  readonly before: Settings;
  readonly after: Settings;
}

const made = new Map<string, BothSettings>();

/** Settings before and after; made once for the same sections. */
export const bothSettings = (sections: object): BothSettings => {
  const key = JSON.stringify(sections);
  const known = made.get(key) ?? {
    before: settingsOf({ nativeAnnotations: true, ...sections }),
    after: settingsOf({ ...sections, nativeAnnotations: false }),
  };
  made.set(key, known);
  return known;
};

const read = (text: string) => {
  const found = readManifest("test.yaml", text);
  if (!found.ok) throw new Error(JSON.stringify(found.problems));
  return { file: found.file, objects: found.file.documents.flatMap(objectsIn) };
};

/** `text` migrated, and what was said. */
export const migrate = (text: string, settings: BothSettings, keep = false) => {
  const { file, objects } = read(text);
  const { rewritten, messages, bad } = migrateManifests(objects, { ...settings, keep }, "default");
  const parts = file.documents.map(
    (document) => rewritten.get(document)?.text ?? text.slice(document.start, document.end),
  );
  return { text: parts.join(""), messages: messages.map((one) => `${one.severity}: ${one.text}`), bad };
};

/** What `inject` says of each workload of `text` with `settings`: the pod, or that it is refused. */
export const podsOf = (text: string, settings: Settings): readonly (object | "refused")[] => {
  const { objects } = read(text);
  const serviceAccounts = collectServiceAccounts(objects, "default");
  return injectManifests(objects, { settings, serviceAccounts, namespace: "default" }).decided.map(
    ({ object, path, additions, decision }) => {
      if (decision.outcome === "denied") return "refused";
      const value = withAdditions(object.document.value, additions);
      return [...object.path, ...path].reduce<never>((at, step) => at[step], toPlain(value) as never);
    },
  );
};

/** A ServiceAccount and workloads of it, as text. */
export const manifests = (annotations: object, ...templates: readonly object[]): string =>
  [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "app", annotations } },
    ...templates.map((template, index) => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: `app-${index}` },
      spec: { template },
    })),
  ]
    .map((object) => stringify(object, { compat: "yaml-1.1", aliasDuplicateObjects: false }))
    .join("---\n");
