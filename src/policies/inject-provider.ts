/** One provider's identity in a pod, as the webhook's own code renders it, in CEL. */
import type { FileTemplate, Provider, Settings } from "../configuration/settings.ts";
import { NO_FILTER } from "../federation/container-filter.ts";
import { type Identity, parameterLookup } from "../federation/identity.ts";
import { type CandidatePath, Footprint } from "../injection/footprint.ts";
import { RenderedIdentity } from "../injection/rendered-identity.ts";
import { type Reference, references, renderTemplate } from "../providers/template.ts";
import type { Conditions } from "../providers/when.ts";
import { text } from "./cel.ts";
import { referencesIn, whyNot } from "./inject-limits.ts";
import { both, choose, either, expressed, symbol } from "./inject-symbols.ts";
import { type ProviderValues, providerValues } from "./inject-values.ts";
import type { NamedExpression } from "./objects.ts";

/** A file's content is rendered once for each choice of what is set: 8 texts. */
const MAX_OPTIONAL = 3;

/** A provider that is served, in expressions over the variables. */
export interface ExpressedProvider {
  readonly provider: Provider;
  readonly variables: readonly NamedExpression[];
  /** Is the ServiceAccount's identity resolved, and its pods' plain? */
  readonly isPlain: string;
  readonly audience: string;
  readonly seconds: string;
  readonly mountPath: string;
  /** The mount path as it is compared, with a slash behind it. */
  readonly reach: string;
  /** Where it may be mounted, as it is compared. */
  readonly normals: readonly string[];
  /** Name and value; without the variable where the value is empty. */
  readonly env: readonly (readonly [name: string, value: string])[];
  /** Name (empty where the file is not there), annotation and content. */
  readonly files: readonly (readonly [name: string, annotation: string, content: string])[];
}

/** Why a provider is not served. */
export interface Unserved {
  readonly provider: Provider;
  /** After "provider x:". */
  readonly why: string;
}

const ACCOUNT = { namespace: symbol("request.namespace"), name: symbol("params.metadata.name") };

const identityOf = (
  provider: Provider,
  audience: string,
  parameters: ReadonlyMap<string, string>,
  files: readonly FileTemplate[],
): Identity => ({
  provider,
  account: ACCOUNT,
  audience,
  audienceIsAnnotated: false,
  requestedSeconds: undefined,
  parameters,
  files,
  hasPathVariable: false,
  filter: NO_FILTER,
});

const NO_CONDITIONS: Conditions = new Map();

/** Renders one provider with symbols for values. */
class ProviderRenderer {
  private readonly provider: Provider;
  private readonly values: ProviderValues;
  private readonly footprint: Footprint;
  private readonly audience: string;
  private readonly hasFiles: string;

  constructor(provider: Provider, values: ProviderValues, audience: string) {
    this.provider = provider;
    this.values = values;
    this.audience = audience;
    this.footprint = new Footprint(provider);
    this.hasFiles = either(provider.files.map((file) => this.isThere(file)));
  }

  isThere({ when }: Pick<FileTemplate, "when">): string {
    return both(...[...when].map(([name, condition]) => this.values.meets(name, condition)));
  }

  private path(hasFiles: boolean): CandidatePath {
    const [path] = this.footprint.paths(hasFiles, false);
    if (path === undefined) throw new Error(`provider ${this.provider.name} has no path`);
    return path;
  }

  place(): Pick<ExpressedProvider, "mountPath" | "reach" | "normals"> {
    const [withFiles, alone] = [this.path(true), this.path(false)];
    const slashed = ({ normal }: CandidatePath) => text(`${normal}/`);
    return {
      mountPath: choose(this.hasFiles, text(withFiles.mountPath), text(alone.mountPath)),
      reach: choose(this.hasFiles, slashed(withFiles), slashed(alone)),
      normals: [
        ...(this.hasFiles === "false" ? [] : [withFiles.normal]),
        ...(this.hasFiles === "true" ? [] : [alone.normal]),
      ],
    };
  }

  /** The variables where it is mounted with all its files, or with none. */
  private envAt(hasFiles: boolean): ReadonlyMap<string, string> {
    const files = hasFiles ? this.provider.files : [];
    const identity = identityOf(this.provider, this.audience, this.values.values, files);
    const always = { ...this.provider, env: this.provider.env.map((one) => ({ ...one, when: NO_CONDITIONS })) };
    const rendered = new RenderedIdentity({ ...identity, provider: always }, this.footprint);
    const env = rendered.env(this.path(hasFiles).mountPath, false);
    // A symbol has no `$`; its value may.
    const form = (value: string) => `${value}.replace('$', '$$')`;
    return new Map(env.map(({ variable: { name, value } }) => [name, expressed(value, form)]));
  }

  private isKnown = (reference: Reference): string => {
    if (reference.kind === "parameter") return this.values.isSet(reference.name);
    const file = reference.kind === "file" && this.provider.files.find(({ name }) => name === reference.name);
    return file ? this.isThere(file) : "true";
  };

  env(): ExpressedProvider["env"] {
    const [withFiles, alone] = [this.envAt(true), this.envAt(false)];
    return this.provider.env.flatMap(({ name, template, when }) => {
      const value = choose(this.hasFiles, withFiles.get(name) ?? "''", alone.get(name) ?? "''");
      const known = both(...references(template).map(this.isKnown), this.isThere({ when }));
      const written = choose(known, value, "''");
      return written === "''" ? [] : [[name, written] as const];
    });
  }

  /** The parameters in `file` that may have no value. */
  optionalIn(file: FileTemplate): readonly string[] {
    const names = referencesIn(file).flatMap((reference) => (reference.kind === "parameter" ? [reference.name] : []));
    const isOpen = (name: string) =>
      this.values.expressions.has(name) && this.provider.parameters.get(name)?.platformValue === undefined;
    // Where the file is only there with a value, its content has to be known for no other case.
    const isAlwaysSet = (name: string) => {
      const condition = file.when.get(name);
      return typeof condition === "object" && condition.set;
    };
    return [...new Set(names)].filter(
      (name) => isOpen(name) && !isAlwaysSet(name) && !this.provider.parameters.get(name)?.required,
    );
  }

  private contentOf(file: FileTemplate, open: readonly string[], unset: ReadonlySet<string>): string {
    const [name, ...rest] = open;
    if (name !== undefined) {
      const without = this.contentOf(file, rest, new Set([...unset, name]));
      return choose(this.values.isSet(name), this.contentOf(file, rest, unset), without);
    }
    const parameters = new Map([...this.values.values].filter(([parameter]) => !unset.has(parameter)));
    const identity = identityOf(this.provider, this.audience, parameters, this.provider.files);
    const contents = new RenderedIdentity(identity, this.footprint).fileContents(false);
    return expressed(contents.get(file.annotation) ?? "");
  }

  files(): ExpressedProvider["files"] {
    return this.provider.files.map((file) => [
      choose(this.isThere(file), text(file.name), "''"),
      text(file.annotation),
      this.contentOf(file, this.optionalIn(file), new Set()),
    ]);
  }

  /** JSON and TOML would escape nothing in the values: then they are written into it as they are. */
  isWritable(): string {
    if (this.provider.files.every(({ body }) => body.kind === "text" || body.kind === "ini")) return "true";
    return both(...[...this.values.expressions.values()].map((value) => `!${value}.matches('["\\\\\\\\]')`));
  }
}

/** A vendor's own audience, where it is asked for, or the provider's. */
const audienceOf = (usual: string, { audience }: ProviderValues): string =>
  audience === undefined ? usual : symbol(`(${audience}.trim() != '' ? ${audience} : ${expressed(usual)})`);

/** `provider`, the one with this `index`, in CEL. */
export const expressProvider = (
  settings: Settings,
  provider: Provider,
  index: number,
): ExpressedProvider | Unserved => {
  const values = providerValues(settings, provider, index);
  const why = whyNot(provider, values);
  if (why !== undefined) return { provider, why };
  const usual = renderTemplate(provider.audience, parameterLookup(values.values));
  const audience = usual === undefined ? undefined : audienceOf(usual, values);
  if (audience === undefined) return { provider, why: "its audience needs a parameter that nobody can set" };
  const renderer = new ProviderRenderer(provider, values, audience);
  for (const file of provider.files) {
    const { length } = renderer.optionalIn(file);
    if (length > MAX_OPTIONAL)
      return {
        provider,
        why: `its file ${file.name} has ${length} parameters that may be left out; ${MAX_OPTIONAL} are rendered`,
      };
  }
  const isAudienceKnown = references(provider.audience).flatMap((reference) =>
    reference.kind === "parameter" ? [values.isSet(reference.name)] : [],
  );
  return {
    provider,
    variables: values.variables,
    isPlain: both(values.isPlain, ...isAudienceKnown, renderer.isWritable()),
    audience: expressed(audience),
    seconds: values.seconds,
    ...renderer.place(),
    env: renderer.env(),
    files: renderer.files(),
  };
};
