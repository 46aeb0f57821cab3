/** The files that name the version, with another one in it. Each throws where the file is not what it should be. */

/** Text with the one match of `pattern` replaced by `replacement`, in which `$` means nothing. */
const replaceOnce = (text: string, pattern: RegExp, replacement: string): string => {
  if (!pattern.test(text)) throw new Error(`there is nothing like ${pattern} to replace`);
  return text.replace(pattern, () => replacement);
};

const asJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** package.json. */
export const packageJson = (text: string, version: string): string => asJson({ ...JSON.parse(text), version });

/** package-lock.json, which names it twice. */
export const packageLock = (text: string, version: string): string => {
  const lock = JSON.parse(text);
  return asJson({ ...lock, version, packages: { ...lock.packages, "": { ...lock.packages[""], version } } });
};

/** Chart.yaml: the chart has the version of the program. */
export const chartYaml = (text: string, version: string): string =>
  replaceOnce(
    replaceOnce(text, /^version: .*$/m, `version: ${version}`),
    /^appVersion: .*$/m,
    `appVersion: ${JSON.stringify(version)}`,
  );

/** values.yaml of the chart: where the image is. */
export const chartValues = (text: string, image: string): string =>
  replaceOnce(text, /(?<=^image:\n(?: .*\n)*? {2}repository: ).*$/m, image);

/** deploy/podpass.yaml: as the chart renders it with that version and image. */
export const manifests = (text: string, version: string, image: string): string =>
  replaceOnce(text, /(?<=^ +image: ).*$/m, `"${image}:${version}"`).replaceAll(
    /(?<=^ +app\.kubernetes\.io\/version: ).*$/gm,
    version,
  );

/** CHANGELOG.md: what was not released becomes that of the version and its day, `2026-01-31`. */
export const changelog = (text: string, version: string, day: string): string => {
  const [, unreleased = ""] = /^## \[Unreleased\]$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(text) ?? [];
  if (!/^- /m.test(unreleased)) throw new Error("it says nothing under [Unreleased]");
  return replaceOnce(text, /^## \[Unreleased\]$/m, `## [Unreleased]\n\n## [${version}] - ${day}`);
};
