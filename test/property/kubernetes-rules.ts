/**
 * A small model of how kube-apiserver validates pods (pkg/apis/core/validation), written from its rules and not from
 * Podpass': what an injected pod must never break.
 */

type Json = { readonly [key: string]: Json | undefined } | readonly Json[] | string | number | boolean | null;
type Obj = { readonly [key: string]: Json | undefined };

const object = (value: Json | undefined): Obj =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Obj) : {};
const listOf = (value: Json | undefined): readonly Obj[] => (Array.isArray(value) ? value.map(object) : []);
const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const ENV_NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;
const QUALIFIED_NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const repeated = (names: readonly string[]): readonly string[] => names.filter((name, i) => names.indexOf(name) !== i);

const pathProblems = (path: string): readonly string[] => {
  if (path === "") return ["a projected path is empty"];
  const isBad = path.startsWith("/") || path.startsWith("..") || path.split("/").includes("..");
  return isBad ? [`the projected path ${path} leaves its volume`] : [];
};

const sourceProblems = (source: Obj): readonly string[] => {
  const kinds = Object.keys(source).filter((key) => source[key] !== null && source[key] !== undefined);
  const problems = kinds.length === 1 ? [] : [`a source has ${kinds.length} kinds`];
  if (source["serviceAccountToken"]) {
    const token = object(source["serviceAccountToken"]);
    const seconds = token["expirationSeconds"] ?? 3600;
    if (typeof seconds !== "number" || !Number.isInteger(seconds) || seconds < 600 || seconds > 2 ** 32)
      problems.push(`expirationSeconds is ${String(seconds)}`);
    problems.push(...pathProblems(text(token["path"])));
  }
  for (const item of listOf(object(source["downwardAPI"])["items"])) {
    problems.push(...pathProblems(text(item["path"])));
    const field = text(object(item["fieldRef"])["fieldPath"]);
    if (!/^metadata\.(annotations|labels)\['[^']+'\]$|^metadata\.(name|namespace|uid)$/.test(field))
      problems.push(`downwardAPI reads ${field}`);
  }
  return problems;
};

const volumeProblems = (spec: Obj): readonly string[] => {
  const volumes = listOf(spec["volumes"]);
  const names = volumes.map((volume) => text(volume["name"]));
  const problems = repeated(names).map((name) => `two volumes are called ${name}`);
  for (const volume of volumes) {
    const name = text(volume["name"]);
    if (!DNS_LABEL.test(name)) problems.push(`the volume name ${name} is no DNS label`);
    const projected = object(volume["projected"]);
    const mode = projected["defaultMode"];
    if (mode !== undefined && (typeof mode !== "number" || mode < 0 || mode > 0o777)) problems.push("defaultMode");
    for (const source of listOf(projected["sources"])) problems.push(...sourceProblems(source));
  }
  return problems;
};

const containerProblems = (container: Obj, volumes: ReadonlySet<string>): readonly string[] => {
  const mounts = listOf(container["volumeMounts"]);
  const devices = listOf(container["volumeDevices"]).map((device) => text(device["devicePath"]));
  const problems = repeated([...mounts.map((mount) => text(mount["mountPath"])), ...devices]).map(
    (path) => `two mounts at ${path}`,
  );
  for (const mount of mounts) {
    if (!volumes.has(text(mount["name"]))) problems.push(`no volume ${text(mount["name"])}`);
    const path = text(mount["mountPath"]);
    if (path === "" || path.replace(/^[A-Za-z]:/, "").includes(":")) problems.push(`mountPath is ${path}`);
  }
  for (const variable of listOf(container["env"])) {
    if (!ENV_NAME.test(text(variable["name"]))) problems.push(`a variable is called ${text(variable["name"])}`);
    if (text(variable["value"]) !== "" && variable["valueFrom"]) problems.push("value and valueFrom");
  }
  return problems;
};

const annotationProblems = (metadata: Obj): readonly string[] => {
  const annotations = Object.entries(object(metadata["annotations"]));
  const problems: string[] = [];
  for (const [key] of annotations) {
    const [prefix, name] = key.includes("/")
      ? [key.slice(0, key.indexOf("/")), key.slice(key.indexOf("/") + 1)]
      : ["x", key];
    if (prefix.length > 253 || !DNS_SUBDOMAIN.test(prefix.toLowerCase()) || !QUALIFIED_NAME.test(name))
      problems.push(`the annotation ${key}`);
  }
  const bytes = annotations.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(text(value)),
    0,
  );
  if (bytes > 256 * 1024) problems.push(`annotations of ${bytes} bytes`);
  return problems;
};

/** What kube-apiserver would refuse of `pod`; only the rules that an injection could break. */
export const kubernetesProblems = (pod: unknown): readonly string[] => {
  const { metadata, spec } = object(pod as Json);
  const volumes = new Set(listOf(object(spec)["volumes"]).map((volume) => text(volume["name"])));
  const containers = [...listOf(object(spec)["initContainers"]), ...listOf(object(spec)["containers"])];
  return [
    ...volumeProblems(object(spec)),
    ...containers.flatMap((container) => containerProblems(container, volumes)),
    ...annotationProblems(object(metadata)),
  ];
};
