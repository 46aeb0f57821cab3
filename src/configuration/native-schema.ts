/** The schema of what is read of vendors' own annotations, and of the defaults of namespaces. */
import * as z from "zod";
import { MAX_VALUE_LENGTH, NAMESPACE_PATTERN, NATIVE_KEY, PARAMETER_NAME, PROVIDER_NAME } from "./names.ts";
import { named, seconds } from "./schema-parts.ts";

const key = () => named(NATIVE_KEY);
const value = () => z.string().max(MAX_VALUE_LENGTH);
const place = () => z.enum(["serviceAccountAnnotation", "podAnnotation", "podLabel"]);

const parameterSchema = () =>
  z.union([
    key(),
    z.strictObject({
      key: key(),
      behind: value().min(1).optional(),
      prefix: z
        .strictObject({ parameter: named(PARAMETER_NAME), upTo: value().min(1), followedBy: value() })
        .optional(),
    }),
  ]);

const lifetimeSchema = () =>
  z.strictObject({
    key: key().optional(),
    podKey: key().optional(),
    default: seconds().optional(),
    min: seconds().optional(),
    unreadable: z.enum(["ignored", "refused"]).optional(),
  });

const unsupportedSchema = () =>
  z.strictObject({
    on: place(),
    key: z.string().min(1).max(317),
    values: z.array(value()).optional(),
    absent: z.boolean().optional(),
    warning: z.string().min(1).max(50),
  });

/** The schema of `providers.<name>.native`. */
export const nativeSchema = () =>
  z
    .array(
      z.strictObject({
        webhook: z.string().min(1).max(100),
        trigger: z.strictObject({ key: key(), value: value().optional() }),
        podLabel: z.strictObject({ key: key(), value: value() }).optional(),
        optOut: z
          .array(z.strictObject({ on: place(), key: key(), value: value().optional() }))
          .max(8)
          .optional(),
        parameters: z.record(named(PARAMETER_NAME), parameterSchema()).optional(),
        audience: z
          .strictObject({ key: key().optional(), default: z.string().min(1).max(MAX_VALUE_LENGTH).optional() })
          .optional(),
        expirationSeconds: lifetimeSchema().optional(),
        skipContainers: key().optional(),
        onlyContainers: key().optional(),
        unsupported: z.array(unsupportedSchema()).max(16).optional(),
        writes: z.array(value()).optional(),
        differences: z.array(z.string()).optional(),
      }),
    )
    .max(4);

/** The schema of `nativeAnnotations`. */
export const nativeAnnotationsSchema = () =>
  z.union([z.boolean(), z.array(named(PROVIDER_NAME))], {
    error: "allowed: true, false or a list of names of providers",
  });

/** The schema of `defaults`. */
export const defaultsSchema = () =>
  z
    .array(
      z.strictObject({
        namespaces: z.array(named(NAMESPACE_PATTERN)).min(1).describe("The namespaces; `*` is a wildcard."),
        provider: named(PROVIDER_NAME).describe("The provider that every ServiceAccount there has."),
        parameters: z
          .record(named(PARAMETER_NAME), value())
          .optional()
          .describe("Its parameters, those of the platform too; a ServiceAccount may override the others."),
      }),
    )
    .max(50);
