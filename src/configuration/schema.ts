/**
 * The configuration's schema: the single source of its types, of the messages about it, of the JSON Schema that
 * editors use and of the reference page.
 */
import * as z from "zod";
import { fileSchema, whenSchema } from "./file-schema.ts";
import {
  ANNOTATION_PREFIX,
  ENV_NAME,
  FILE_NAME,
  MAX_LONG_VALUE_LENGTH,
  MOUNT_PATH,
  NAMESPACE_PATTERN,
  PARAMETER_NAME,
  PROVIDER_NAME,
} from "./names.ts";
import { defaultsSchema, nativeAnnotationsSchema, nativeSchema } from "./native-schema.ts";
import { policySchema } from "./policy-schema.ts";
import { named, seconds } from "./schema-parts.ts";
import { MAX_PATTERN_LENGTH, patternProblem } from "./value-pattern.ts";

// Each part is made when a schema is asked for: without a configuration file none is, and making them all takes about
// 10 ms of the start.
const parameterSchema = () =>
  z
    .strictObject({
      description: z.string().optional().describe("What it is, in a sentence."),
      required: z.boolean().optional().describe("Whether the provider cannot be used without a value."),
      pattern: z
        .string()
        .max(MAX_PATTERN_LENGTH, { abort: true })
        .refine((text) => patternProblem(text) === undefined, { error: ({ input }) => patternProblem(String(input)) })
        .optional()
        .describe(
          "An RE2 regular expression (https://github.com/google/re2/wiki/Syntax) that the whole value has to match.",
        ),
      maxLength: z
        .int()
        .min(1)
        .max(MAX_LONG_VALUE_LENGTH)
        .optional()
        .describe("The most characters of a value. Default: 1024."),
      default: z
        .string()
        .max(MAX_LONG_VALUE_LENGTH)
        .optional()
        .describe("The value where the ServiceAccount sets none."),
      value: z.string().max(MAX_LONG_VALUE_LENGTH).optional().describe("The value that nobody may override."),
      scope: z
        .enum(["serviceAccount", "platform"])
        .optional()
        .describe("Who may set it. `platform` for everything that decides where a token is sent."),
      example: z.string().optional().describe("A value that matches, for documentation."),
    })
    .describe("A value that an identity needs at the provider.");

const tokenSchema = () =>
  z
    .strictObject({
      audience: z.string().min(1).max(1024).optional().describe("The token's audience; a template over parameters."),
      expirationSeconds: z
        .strictObject({
          default: seconds().optional().describe("The lifetime where the ServiceAccount asks for none."),
          min: seconds().optional().describe("A shorter lifetime is raised to it."),
          max: seconds().optional().describe("A longer lifetime is cut to it."),
        })
        .optional()
        .describe("The token's lifetime, in seconds."),
      mountPath: named(MOUNT_PATH)
        .optional()
        .describe("Where the token is mounted. Default: `/var/run/secrets/podpass.dev/<provider>`."),
      fileName: named(FILE_NAME).optional().describe("The token's file in it. Default: `token`."),
      defaultMode: z.int().min(0).max(0o777).optional().describe("The files' mode. Default: Kubernetes' own."),
    })
    .describe("The projected ServiceAccount token.");

const MAX_ENV_TEMPLATE = 4096;

const envSchema = () =>
  z.union(
    [
      z.string().max(MAX_ENV_TEMPLATE),
      z.null(),
      z.strictObject({
        value: z.string().max(MAX_ENV_TEMPLATE).describe("The variable's template."),
        when: whenSchema().describe("The variable is only set when each of these parameters is so."),
      }),
    ],
    { error: "allowed: a template (in quotes, if YAML reads it as something else), `{ value: …, when: … }`, or null" },
  );

/** The schema of one entry under `providers`; which presets there are comes in from outside. */
const providerSchema = (presetNames: readonly string[]) =>
  z.strictObject({
    preset: z
      .enum(presetNames)
      .optional()
      .describe("The preset to start from; every other field overrides one of its."),
    description: z.string().optional().describe("What the provider is, in a sentence."),
    token: tokenSchema().optional(),
    parameters: z.record(named(PARAMETER_NAME), parameterSchema()).optional().describe("The provider's parameters."),
    env: z
      .record(named(ENV_NAME), envSchema())
      .optional()
      .describe(
        "Environment variables, each a template, or `{ value, when }` for one that is not always set; `null` takes away a variable of the preset.",
      ),
    envTogether: z
      .array(z.array(named(ENV_NAME)).min(2))
      .optional()
      .describe("Groups of variables of which none is set where the container has one of them."),
    files: z
      .array(fileSchema())
      .optional()
      .describe("Files beside the token; replaces the preset's file of that name."),
    shadowedBy: z.array(named(ENV_NAME)).optional().describe("Variables that hide the identity; warned about."),
    shadowedEvenEmpty: z
      .array(named(ENV_NAME))
      .optional()
      .describe("Those of `shadowedBy` that hide it even where their value is empty."),
    displaces: z
      .array(named(ENV_NAME))
      .optional()
      .describe("Variables of another identity that the program leaves once it finds this one; warned about."),
    chosenBy: z
      .array(named(ENV_NAME))
      .optional()
      .describe(
        "Those of `env` by which the program chooses this identity; warned about where a container sets one to something else.",
      ),
    expectsOneOf: z
      .array(z.array(named(ENV_NAME)).min(1))
      .optional()
      .describe("Groups of variables of which the program needs one, whoever sets it; warned about where nobody does."),
    conflictsWith: z
      .array(named(PROVIDER_NAME))
      .optional()
      .describe("Providers or presets that cannot work in the same container; warned about."),
    allowedNamespaces: z
      .array(named(NAMESPACE_PATTERN))
      .optional()
      .describe("The namespaces that may use the provider; `*` is a wildcard. Default: all."),
    native: nativeSchema()
      .optional()
      .describe(
        "The keys of vendors' webhooks that mean the provider; replaces the preset's. See [native-annotations.md](native-annotations.md).",
      ),
  });

/** The schema of a configuration file, for a given set of preset names. */
export const configurationSchema = (presetNames: readonly string[]) =>
  z.strictObject({
    apiVersion: z.literal("podpass.dev/v1alpha1").describe("The version of this format."),
    kind: z.literal("Configuration").describe("Always `Configuration`."),
    annotationPrefix: named(ANNOTATION_PREFIX)
      .optional()
      .describe("The prefix of the annotation keys. Default: `podpass.dev`."),
    providers: z
      .record(named(PROVIDER_NAME), providerSchema(presetNames))
      .optional()
      .describe("The providers, by name. Not written: every preset under its own name."),
    nativeAnnotations: nativeAnnotationsSchema()
      .optional()
      .describe(
        "Whether vendors' own annotations are read, of all providers or of those that are named. Default: `false`.",
      ),
    defaults: defaultsSchema()
      .optional()
      .describe("Providers of all ServiceAccounts in some namespaces. For one provider the first that matches holds."),
    policy: policySchema().optional().describe("What the platform allows."),
  });

/** See {@link configurationSchema}. */
export type ConfigurationSchema = ReturnType<typeof configurationSchema>;

/** A configuration file's content as it was written. */
export type ConfigurationFile = z.infer<ConfigurationSchema>;
