/**
 * What an identity looks like in a pod. Where Podpass itself chooses the place this is the same for every pod, so it is
 * rendered once for each identity, which lives as long as its ServiceAccount and the configuration stay as they are.
 */
import type { EnvTemplate } from "../configuration/settings.ts";
import { type Identity, type NamedAccount, parameterLookup } from "../federation/identity.ts";
import { directoryAt, fileIn } from "../pod/paths.ts";
import type { Volume } from "../pod/pod.ts";
import { annotationFieldPath, type TokenContent } from "../pod/volumes.ts";
import { renderFile } from "../providers/file-template.ts";
import { type Lookup, type Reference, renderTemplate } from "../providers/template.ts";
import { isMet } from "../providers/when.ts";
import { type CandidatePath, type Footprint, volumeName } from "./footprint.ts";
import { shared } from "./patch.ts";

/** A variable of ours. */
export interface OwnEnv {
  readonly name: string;
  readonly value: string;
}

/** A variable of ours, and what was known of it before it had its value. */
export interface IdentityEnv extends Pick<EnvTemplate, "holdsPath" | "namesIdentity" | "choosesIdentity"> {
  readonly variable: OwnEnv;
}

/** `$` doubled, as Kubernetes halves it when it expands `$(NAME)`. */
const escapeDollars = (value: string): string => (value.includes("$") ? value.replaceAll("$", "$$$$") : value);

const accountValue = (
  account: NamedAccount | undefined,
  reference: Extract<Reference, { kind: "serviceAccount" | "subject" }>,
): string | undefined => {
  if (account === undefined) return undefined;
  if (reference.kind === "serviceAccount") return account[reference.field];
  return `system:serviceaccount:${account.namespace}:${account.name}`;
};

/** Every reference of an identity's templates, once it is known where its volume is mounted. */
const identityLookup = (identity: Identity, mountPath: string, windows: boolean): Lookup => {
  const parameters = parameterLookup(identity.parameters);
  return (reference) => {
    if (reference.kind === "parameter") return parameters(reference);
    if (reference.kind === "file")
      return identity.files.some((file) => file.name === reference.name)
        ? fileIn(mountPath, reference.name, windows)
        : undefined;
    if (reference.kind !== "token") return accountValue(identity.account, reference);
    if (reference.field === "audience") return identity.audience;
    return reference.field === "dir"
      ? directoryAt(mountPath, windows)
      : fileIn(mountPath, identity.provider.fileName, windows);
  };
};

const renderEnv = (identity: Identity, mountPath: string, windows: boolean): readonly IdentityEnv[] => {
  const lookup = identityLookup(identity, mountPath, windows);
  return identity.provider.env.flatMap(({ name, template, when, ...known }) => {
    if (!isMet(when, identity.parameters)) return [];
    const value = renderTemplate(template, lookup, escapeDollars);
    return value === undefined || value === "" ? [] : [{ variable: { name, value }, ...known }];
  });
};

/** An identity as it looks in a pod. What it returns is the same object for pod after pod wherever that is possible. */
export class RenderedIdentity {
  readonly identity: Identity;
  /** What its volume holds. */
  readonly content: TokenContent;
  readonly footprint: Footprint;
  // There may be an identity for each of many thousand ServiceAccounts: what is not asked for is not made.
  private envs: Map<string, readonly IdentityEnv[]> | undefined;
  private files: Map<boolean, ReadonlyMap<string, string>> | undefined;
  private lastVolume: { readonly seconds: number; readonly volume: Volume } | undefined;

  constructor(identity: Identity, footprint: Footprint) {
    this.identity = identity;
    this.footprint = footprint;
    this.content = { audience: identity.audience, fileName: identity.provider.fileName, files: identity.files };
  }

  /** Where it may be mounted, best first. */
  paths(windows: boolean): readonly CandidatePath[] {
    return this.footprint.paths(this.identity.files.length > 0, windows);
  }

  /** The variables where it is mounted at `mountPath`; without those that have no value, or an empty one. */
  env(mountPath: string, windows: boolean): readonly IdentityEnv[] {
    if (!this.isOwnPath(mountPath)) return renderEnv(this.identity, mountPath, windows);
    const key = windows ? `windows ${mountPath}` : mountPath;
    this.envs ??= new Map();
    let env = this.envs.get(key);
    if (env === undefined) {
      env = renderEnv(this.identity, mountPath, windows);
      for (const { variable } of env) shared(variable);
      this.envs.set(key, env);
    }
    return env;
  }

  /** The contents of its files, by the pod annotation that carries each. */
  fileContents(windows: boolean): ReadonlyMap<string, string> {
    this.files ??= new Map();
    let contents = this.files.get(windows);
    if (contents === undefined) {
      const mountPath = this.paths(windows)[0]?.mountPath ?? "";
      const lookup = identityLookup(this.identity, mountPath, windows);
      contents = new Map(this.identity.files.map((file) => [file.annotation, renderFile(file.body, lookup)]));
      this.files.set(windows, contents);
    }
    return contents;
  }

  /** Its volume, with a token of `seconds`; for its name see {@link CandidatePath}. */
  volume(seconds: number): Volume {
    // Pods may ask for any number of seconds, but nearly all of them ask for none.
    if (this.lastVolume?.seconds !== seconds) this.lastVolume = { seconds, volume: this.makeVolume(seconds) };
    return this.lastVolume.volume;
  }

  // Only our own paths are kept: how users write theirs has no end.
  private isOwnPath(mountPath: string): boolean {
    return this.paths(false).some((path) => path.mountPath === mountPath);
  }

  private makeVolume(seconds: number): Volume {
    const { audience, files, provider } = this.identity;
    const { fileName, defaultMode } = provider;
    const token = { serviceAccountToken: { audience, expirationSeconds: seconds, path: fileName } };
    const items = files.map((file) => ({
      path: file.name,
      fieldRef: { apiVersion: "v1", fieldPath: annotationFieldPath(file.annotation) },
    }));
    const sources = items.length === 0 ? [token] : [token, { downwardAPI: { items } }];
    return shared({
      name: volumeName(provider),
      projected: defaultMode === undefined ? { sources } : { sources, defaultMode },
    });
  }
}
