/** One provider's identity of one ServiceAccount, resolved from its annotations and the provider's parameters. */
import { isObjectName, isPlainValue } from "../configuration/names.ts";
import type { FileTemplate, Parameter, Provider } from "../configuration/settings.ts";
import { INI_ALLOWED, isIniValue } from "../providers/ini.ts";
import { type Lookup, references, renderTemplate } from "../providers/template.ts";
import { isMet } from "../providers/when.ts";
import { ACCOUNT_LIMITS, beyond } from "../reasons/limits.ts";
import { annotationField, type Problem } from "../reasons/reasons.ts";
import { quote } from "../reasons/text.ts";
import { whyNotIn } from "./allowed-namespaces.ts";
import { readSeconds } from "./annotation-keys.ts";
import { type ContainerFilter, readFilter } from "./container-filter.ts";
import type { Claim } from "./native-claims.ts";

/** A ServiceAccount, as templates name it. */
export interface NamedAccount {
  readonly namespace: string;
  readonly name: string;
}

/** An identity with every parameter known; only paths are open. */
export interface Identity {
  readonly provider: Provider;
  /** Undefined where Kubernetes has no such names, as only manifests can have: templates are not told. */
  readonly account: NamedAccount | undefined;
  readonly audience: string;
  /** The `audience` annotation gave it; it is judged like a hand-written one. */
  readonly audienceIsAnnotated: boolean;
  /** What the ServiceAccount asks for, in seconds; undefined where it leaves it to the provider. */
  readonly requestedSeconds: number | undefined;
  readonly parameters: ReadonlyMap<string, string>;
  /** The provider's files that this ServiceAccount's parameters call for. */
  readonly files: readonly FileTemplate[];
  /** Does a variable or a file tell the application where the token is? */
  readonly hasPathVariable: boolean;
  readonly filter: ContainerFilter;
}

/** What an identity is resolved from. */
export interface IdentitySources {
  readonly provider: Provider;
  /** What the ServiceAccount says of the provider, by what stands after the slash in our own annotations. */
  readonly claims: ReadonlyMap<string, Claim>;
  readonly account: NamedAccount;
  /** Of the annotation keys. */
  readonly prefix: string;
}

/** What is known of an identity, complete or not. */
export interface KnownParts {
  readonly parameters: ReadonlyMap<string, string>;
  /** The parameters that have no value and without which there is no identity. */
  readonly missing: readonly Parameter[];
  /** Undefined where it needs a parameter that has no value. */
  readonly audience: string | undefined;
  readonly requestedSeconds: number | undefined;
}

/** Parameters as a template's lookup; only `${parameter.…}` has values here. */
export const parameterLookup =
  (parameters: ReadonlyMap<string, string>): Lookup =>
  (reference) =>
    reference.kind === "parameter" ? parameters.get(reference.name) : undefined;

const kubernetesName = ({ namespace, name }: NamedAccount): NamedAccount | undefined =>
  isObjectName(namespace) && isObjectName(name) ? { namespace, name } : undefined;

const AUDIENCE_ALLOWED = "1 to 1024 characters, no control characters";

/** Resolves one identity; each step adds to the problems. */
class IdentityResolver {
  readonly problems: Problem[] = [];
  /** Of {@link resolve}. */
  known: KnownParts = { parameters: new Map(), missing: [], audience: undefined, requestedSeconds: undefined };
  private readonly missing: Parameter[] = [];
  private readonly sources: IdentitySources;

  constructor(sources: IdentitySources) {
    this.sources = sources;
  }

  resolve(): Identity | undefined {
    const { provider, claims } = this.sources;
    this.judgeNamespace();
    const parameters = this.readParameters();
    const requestedSeconds = this.readLifetime();
    const audience = this.readAudience(parameters);
    const filter = this.readFilter();
    this.known = { parameters, missing: this.missing, audience, requestedSeconds };
    if (this.problems.length > 0 || audience === undefined) return undefined;
    const files = provider.files.filter(({ when }) => isMet(when, parameters));
    const holdsPath = provider.env.some((env) => env.holdsPath && isMet(env.when, parameters));
    return {
      provider,
      account: kubernetesName(this.sources.account),
      audience,
      audienceIsAnnotated: claims.has("audience"),
      requestedSeconds,
      parameters,
      files,
      hasPathVariable: holdsPath || files.some((file) => file.namesToken),
      filter,
    };
  }

  private key(name: string): string {
    return this.sources.claims.get(name)?.key ?? `${this.sources.provider.name}.${this.sources.prefix}/${name}`;
  }

  private said(name: string): string | undefined {
    return this.sources.claims.get(name)?.value;
  }

  /** What the annotation `name` says is not allowed. */
  private refuse(reason: Problem["reason"], name: string, shown: string, allowed: string): undefined {
    const key = this.key(name);
    const text = `annotation ${quote(key, 100)} is ${shown}; allowed: ${allowed}`;
    this.problems.push({ reason, text, field: annotationField(key) });
  }

  /** Something that no annotation of the provider says; the one that asks for the provider is why it is needed. */
  private lack(reason: Problem["reason"], text: string): undefined {
    this.problems.push({ reason, text, field: annotationField(`${this.sources.prefix}/federate`) });
  }

  private judgeNamespace(): void {
    const { provider, account } = this.sources;
    const why = whyNotIn(provider, account.namespace);
    if (why !== undefined) this.lack("namespace-not-allowed", why);
  }

  private readParameters(): ReadonlyMap<string, string> {
    const parameters = new Map<string, string>();
    for (const parameter of this.sources.provider.parameters.values()) {
      const value = this.readParameter(parameter);
      if (value !== undefined) parameters.set(parameter.name, value);
    }
    return parameters;
  }

  private readParameter(parameter: Parameter): string | undefined {
    const { name, required, pattern, patternText, maxLength, isInIni, platformValue } = parameter;
    const written = this.said(name);
    if (written === undefined) {
      if (platformValue === undefined && required) this.lackParameter(parameter);
      return platformValue;
    }
    const isPlain = isPlainValue(written, maxLength);
    const isMatch = isPlain && (pattern === undefined || pattern.matches(written));
    if (isMatch && (!isInIni || isIniValue(written))) return written;
    const inWords = isMatch ? INI_ALLOWED : `at most ${maxLength} characters and no control characters`;
    const allowed = isPlain && !isMatch && patternText !== undefined ? patternText : inWords;
    return this.refuse("bad-parameter", name, quote(written, 100), allowed);
  }

  private lackParameter(parameter: Parameter): void {
    const { name, description, settable } = parameter;
    this.missing.push(parameter);
    const key = quote(this.key(name), 100);
    const text = settable
      ? `annotation ${key} is missing${description === "" ? "" : ` (${description})`}`
      : `${key} is set by the platform only, and the configuration has no value for it`;
    this.lack("missing-parameter", text);
  }

  private lackForAudience(parameters: ReadonlyMap<string, string>): void {
    const { provider } = this.sources;
    for (const reference of references(provider.audience)) {
      const parameter = reference.kind === "parameter" ? provider.parameters.get(reference.name) : undefined;
      if (parameter !== undefined && !parameters.has(parameter.name) && !this.missing.includes(parameter))
        this.missing.push(parameter);
    }
  }

  private readLifetime(): number | undefined {
    const written = this.said("expiration-seconds");
    if (written === undefined) return undefined;
    return (
      readSeconds(written) ?? this.refuse("bad-number", "expiration-seconds", quote(written), "decimal digits only")
    );
  }

  private readFilter(): ContainerFilter {
    const { filter, exceeded } = readFilter(this.said("only-containers"), this.said("skip-containers"));
    if (exceeded !== undefined) {
      const key = this.key(exceeded);
      const text = `annotation ${quote(key, 100)} has ${beyond(ACCOUNT_LIMITS["too-many-names"])}`;
      this.problems.push({ reason: "too-many-names", text, field: annotationField(key) });
    }
    return filter;
  }

  private readAudience(parameters: ReadonlyMap<string, string>): string | undefined {
    const { provider } = this.sources;
    const written = this.said("audience");
    if (written !== undefined) {
      if (isPlainValue(written)) return written;
      return this.refuse("bad-audience", "audience", quote(written, 60), AUDIENCE_ALLOWED);
    }
    const audience = renderTemplate(provider.audience, parameterLookup(parameters));
    if (audience === undefined) this.lackForAudience(parameters);
    if (audience === undefined && this.problems.length === 0) {
      const text = `the audience of provider ${quote(provider.name)} needs a parameter that is not set`;
      this.lack("missing-parameter", text);
    }
    if (audience === undefined || isPlainValue(audience)) return audience;
    // Each of its parameters is short enough, but not all of them together.
    const who = `the audience of provider ${quote(provider.name)}`;
    return this.lack("bad-audience", `${who} is ${quote(audience, 60)}; allowed: ${AUDIENCE_ALLOWED}`);
  }
}

/** An identity, or as much of it as there is. */
export interface ResolvedIdentity {
  /** Undefined where there is a problem. */
  readonly identity: Identity | undefined;
  readonly problems: readonly Problem[];
  readonly known: KnownParts;
}

/** Resolves an identity; undefined, with every problem, where that is not possible. */
export const resolveIdentity = (sources: IdentitySources): ResolvedIdentity => {
  const resolver = new IdentityResolver(sources);
  const identity = resolver.resolve();
  return { identity, problems: resolver.problems, known: resolver.known };
};
