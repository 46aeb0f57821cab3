/** The schema of a file beside the token, and of conditions on parameters. */
import * as z from "zod";
import type { JsonTemplate } from "../providers/provider-spec.ts";
import { FILE_NAME, INI_KEY, INI_SECTION, isPlainValue, PARAMETER_NAME } from "./names.ts";
import { named } from "./schema-parts.ts";

/** What each of some parameters has to be. */
export const whenSchema = () =>
  z.record(
    named(PARAMETER_NAME),
    z.union([z.string(), z.strictObject({ set: z.boolean() })], {
      error: "allowed: a value, `{ set: true }` or `{ set: false }`",
    }),
  );

const isPlainKey = (key: string): boolean => key !== "" && isPlainValue(key);

/** Where in `value` the first scalar that `isBad` is. */
const pathOf = (
  value: JsonTemplate,
  isBad: (scalar: JsonTemplate) => boolean,
): readonly (string | number)[] | undefined => {
  if (value === null || typeof value !== "object") return isBad(value) ? [] : undefined;
  for (const [key, inner] of Object.entries(value)) {
    const path = pathOf(inner, isBad);
    if (path !== undefined) return [Array.isArray(value) ? Number(key) : key, ...path];
  }
  return undefined;
};

// JavaScript has it as another one near it, which may be somebody else's.
const isInexact = (value: JsonTemplate): boolean => Number.isInteger(value) && !Number.isSafeInteger(value);

const tomlSchema = () =>
  z.record(z.string(), z.json()).superRefine((tables, context) => {
    const path = pathOf(tables, (value) => value === null);
    if (path !== undefined)
      context.addIssue({ code: "custom", path: [...path], message: "allowed: any value but null" });
  });

const scalarSchema = () => z.union([z.string().min(1), z.number(), z.boolean()]);

const iniSchema = () =>
  z.record(
    named(INI_SECTION),
    z.record(
      named(INI_KEY),
      z.union([scalarSchema(), z.record(named(INI_KEY), scalarSchema())], {
        error: "allowed: a text that is not empty, a number, true, false, or a mapping of such",
      }),
    ),
  );

const propertiesSchema = () =>
  z.record(
    z.string().refine(isPlainKey, { error: "allowed: a key that is not empty and has no control characters" }),
    z.union([z.string(), z.number(), z.boolean()], { error: "allowed: a text, a number, true or false" }),
  );

/** The formats of a file, of which each has one. */
export const BODIES = ["json", "toml", "ini", "properties", "text"] as const;

/** One file. */
export const fileSchema = () =>
  z
    .strictObject({
      name: named(FILE_NAME).describe("The file's name beside the token."),
      json: z.json().optional().describe("A JSON value in which every string is a template."),
      toml: tomlSchema()
        .optional()
        .describe("A TOML document's tables and values, in which every string is a template."),
      ini: iniSchema()
        .optional()
        .describe(
          "An INI file as AWS' SDKs read it: sections of keys; every text is a template, and a key may have keys below it.",
        ),
      properties: propertiesSchema()
        .optional()
        .describe("A file of Java's properties: keys with values, in which every text is a template."),
      text: z.string().optional().describe("Lines of text, each a template."),
      when: whenSchema()
        .optional()
        .describe("The file is only there when each of these parameters has this value, is set or is not set."),
    })
    .refine((file) => BODIES.filter((body) => file[body] !== undefined).length === 1, {
      error: "allowed: exactly one of `json`, `toml`, `ini`, `properties` and `text`",
    })
    .superRefine((file, context) => {
      for (const format of ["json", "toml", "ini", "properties"] as const) {
        const path = pathOf(file[format] ?? "", isInexact);
        if (path !== undefined)
          context.addIssue({
            code: "custom",
            path: [format, ...path],
            message: `allowed: a whole number of at most ${Number.MAX_SAFE_INTEGER}, or a longer one in quotes`,
          });
      }
    });
