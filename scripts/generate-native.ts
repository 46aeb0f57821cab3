/** The tables of docs/native-annotations.md, from the `native` data of presets. */
import type { NativePlace, NativeSpec } from "../src/providers/native-spec.ts";
import type { Preset } from "../src/providers/provider-spec.ts";
import { bullets, code, table } from "./markdown.ts";

type Row = readonly [key: string, on: string, meaning: string];

const PLACES: Readonly<Record<NativePlace, string>> = {
  serviceAccountAnnotation: "ServiceAccount",
  podAnnotation: "pod",
  podLabel: "label of the pod",
};

const valued = (key: string, value: string | undefined): string =>
  value === undefined ? code(key) : code(`${key}: "${value}"`);

const parameterRows = ({ parameters }: NativeSpec): readonly Row[] =>
  Object.entries(parameters ?? {}).map(([name, written]) => {
    const spec = typeof written === "string" ? { key: written } : written;
    const prefix = spec.prefix;
    const made =
      prefix === undefined
        ? ""
        : `, behind what stands before ${code(prefix.upTo)} in the platform's ${code(prefix.parameter)}, and ${code(prefix.followedBy)}`;
    const part = spec.behind === undefined ? "" : `, of what begins with ${code(spec.behind)} the rest`;
    return [code(spec.key), "ServiceAccount", `the parameter ${code(name)}${part}${made}`];
  });

const lifetimeRows = ({ expirationSeconds: lifetime }: NativeSpec): readonly Row[] => {
  if (lifetime === undefined) return [];
  const unreadable =
    lifetime.unreadable === "ignored" ? "one that is no number is passed over" : "one that is no number is refused";
  const own = [
    ...(lifetime.default === undefined ? [] : [`without one ${lifetime.default}`]),
    ...(lifetime.min === undefined ? [] : [`less than ${lifetime.min} becomes that`]),
    unreadable,
  ].join(", ");
  return [
    ...(lifetime.key === undefined
      ? []
      : [[code(lifetime.key), "ServiceAccount", `the lifetime in seconds; ${own}`] as const]),
    ...(lifetime.podKey === undefined
      ? []
      : [
          [
            code(lifetime.podKey),
            "pod",
            "the same, before the ServiceAccount's, with `podOverrides: [expiration-seconds]`",
          ] as const,
        ]),
  ];
};

const listRow = (key: string | undefined, meaning: string): readonly Row[] =>
  key === undefined ? [] : [[code(key), "pod", `${meaning}, separated by commas or semicolons`]];

const rowsOf = (spec: NativeSpec): readonly Row[] => {
  const { trigger, podLabel, optOut, audience, skipContainers, onlyContainers, unsupported } = spec;
  const vendors = audience?.default === undefined ? "" : `; without one ${code(audience.default)}`;
  return [
    [valued(trigger.key, trigger.value), "ServiceAccount", "**federates it**"],
    ...(podLabel === undefined
      ? []
      : [[valued(podLabel.key, podLabel.value), "label of the pod", "without it the pod gets nothing"] as const]),
    ...(optOut ?? []).map(({ on, key, value }): Row => [valued(key, value), PLACES[on], "opts out"]),
    ...parameterRows(spec),
    ...(audience?.key === undefined ? [] : [[code(audience.key), "ServiceAccount", `the audience${vendors}`] as const]),
    ...lifetimeRows(spec),
    ...listRow(skipContainers, "not these containers"),
    ...listRow(onlyContainers, "only these containers"),
    ...(unsupported ?? []).map(({ on, key, values, warning }): Row => {
      const shown = values === undefined ? code(key) : values.map((value) => valued(key, value)).join(", ");
      return [shown, PLACES[on], `warned about: ${warning}`];
    }),
  ];
};

const HEAD = ["Key", "On", "What it means"];

const section = (preset: Preset): string =>
  (preset.native ?? [])
    .flatMap((spec) => [
      `### ${preset.name}: ${spec.webhook}`,
      table(HEAD, rowsOf(spec)),
      ...(spec.differences === undefined ? [] : ["What is not the same:", bullets(spec.differences)]),
    ])
    .join("\n\n");

/** The table for each preset that reads vendors' keys. */
export const nativeTables = (presets: readonly Preset[]): ReadonlyMap<string, string> =>
  new Map([
    [
      "native",
      presets
        .filter(({ native }) => native !== undefined)
        .map(section)
        .join("\n\n"),
    ],
  ]);
