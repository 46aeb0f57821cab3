/**
 * What a vendor's own webhook reads of a ServiceAccount and of a pod, as data: which of its keys means what here. Read
 * only where the configuration says `nativeAnnotations`.
 */

/** A key, and the value that counts; without one any that is not blank, and of a pod's labels any at all. */
export interface NativeCondition {
  readonly key: string;
  readonly value?: string | undefined;
}

/** Where a key stands. */
export type NativePlace = "serviceAccountAnnotation" | "podAnnotation" | "podLabel";

/** The ServiceAccount's annotation for a parameter. */
export interface NativeParameter {
  readonly key: string;
  /** What the value begins with, which is no part of the parameter. A value that begins otherwise sets nothing. */
  readonly behind?: string | undefined;
  /**
   * What is put in front of the value: the platform's value of `parameter` up to `upTo`, and then `followedBy`. Without a
   * value of it the annotation sets nothing.
   */
  readonly prefix?: { readonly parameter: string; readonly upTo: string; readonly followedBy: string } | undefined;
}

/** The token's lifetime. */
export interface NativeLifetime {
  /** The ServiceAccount's annotation. */
  readonly key?: string | undefined;
  /** The pod's annotation, which the policy has to allow (`podOverrides`). */
  readonly podKey?: string | undefined;
  /** Seconds where neither says any. */
  readonly default?: number | undefined;
  /** Seconds to which the vendor raises less, without a word. */
  readonly min?: number | undefined;
  /** What becomes of a value that is no number: it is passed over, or the ServiceAccount cannot be resolved. */
  readonly unreadable?: "ignored" | "refused" | undefined;
}

/** Something that the vendor's webhook does and Podpass does not. */
export interface NativeUnsupported {
  readonly on: NativePlace;
  /** With `*` at its end: every key that begins so. */
  readonly key: string;
  /** Only these values; without them any. */
  readonly values?: readonly string[] | undefined;
  /** Also where the key is not there. */
  readonly absent?: boolean | undefined;
  /** What is not done, and what is instead; at most 50 characters. */
  readonly warning: string;
}

/** The keys of one webhook. */
export interface NativeSpec {
  /** Whose they are, for people. */
  readonly webhook: string;
  /** The ServiceAccount's annotation that federates it. */
  readonly trigger: NativeCondition;
  /** A label without which the webhook passes over a pod. */
  readonly podLabel?: (NativeCondition & { readonly value: string }) | undefined;
  /** Each of them takes the trigger away. Without a value its presence does. */
  readonly optOut?: readonly (NativeCondition & { readonly on: NativePlace })[] | undefined;
  /** By the parameter's name. */
  readonly parameters?: { readonly [parameter: string]: string | NativeParameter } | undefined;
  readonly audience?:
    | {
        /** The ServiceAccount's annotation. */
        readonly key?: string | undefined;
        /** The vendor's own where nothing says another; only where the trigger federates. */
        readonly default?: string | undefined;
      }
    | undefined;
  readonly expirationSeconds?: NativeLifetime | undefined;
  /** The pod's annotations with names of containers, separated by commas or semicolons. */
  readonly skipContainers?: string | undefined;
  readonly onlyContainers?: string | undefined;
  readonly unsupported?: readonly NativeUnsupported[] | undefined;
  /** Values of our variables that the vendor's webhook writes, for files that it makes itself: left as they are. */
  readonly writes?: readonly string[] | undefined;
  /** What else is not the same, in a sentence each, for the documentation. */
  readonly differences?: readonly string[] | undefined;
}
