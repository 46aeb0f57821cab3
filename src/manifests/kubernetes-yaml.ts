/**
 * YAML as kubectl reads it (go-yaml v2: the scalars of YAML 1.1, but neither base 60 nor timestamps), so that
 * `defaultMode: 0644` is 420 here too; and as precise as the text: integers are BigInts, mappings are Maps.
 */
import { type ScalarTag, Schema, type Tags } from "yaml";
import { BOUNDED, type ReadOptions } from "../yaml/parse.ts";
import { isMapping } from "../yaml/values.ts";

const INTEGER = /^[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[1-9][0-9_]*|0)$/;

const parseInteger = (text: string): bigint => {
  const digits = text.replaceAll("_", "").replace(/^[-+]/, "");
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return text.startsWith("-") ? -value : value;
};

// Only where the library writes a whole document anew; the text is then the source's own.
const asWritten: NonNullable<ScalarTag["stringify"]> = ({ source, value }) => source ?? String(value);

const integerTag: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: INTEGER,
  resolve: parseInteger,
  stringify: asWritten,
};

/** The library reads numbers without it. */
const underscoredFloatTag: ScalarTag = {
  tag: "tag:yaml.org,2002:float",
  default: true,
  test: /^[-+]?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9_]+)?$/,
  resolve: (text) => Number(text.replaceAll("_", "")),
  stringify: asWritten,
};

const booleanTag = (value: boolean, test: RegExp): ScalarTag => ({
  tag: "tag:yaml.org,2002:bool",
  default: true,
  test,
  resolve: () => value,
  identify: (candidate) => candidate === value,
  stringify: asWritten,
});

const YES = /^(?:y|Y|yes|Yes|YES|on|On|ON)$/;
const NO = /^(?:n|N|no|No|NO|off|Off|OFF)$/;

const customTags = (tags: Tags): Tags => [
  integerTag,
  booleanTag(true, YES),
  booleanTag(false, NO),
  ...tags,
  underscoredFloatTag,
];

/** How manifests are parsed. */
export const READ_OPTIONS: ReadOptions = {
  ...BOUNDED,
  // As a whole, so that `%YAML 1.1` in a file brings no other one.
  schema: new Schema({ schema: "core", customTags, merge: true }),
  intAsBigInt: true,
  // As kubectl: a broken character is a broken file, but an unknown tag is somebody else's business.
  logLevel: "error",
};

/** The member `key` of `value`, where that is a mapping. */
export const member = (value: unknown, key: string): unknown => (isMapping(value) ? value.get(key) : undefined);

/** As {@link member}, where it is a text that is not empty. */
export const textMember = (value: unknown, key: string): string | undefined => {
  const found = member(value, key);
  return typeof found === "string" && found !== "" ? found : undefined;
};
