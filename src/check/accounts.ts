/** All ServiceAccounts of a cluster, one after the other: counted, and none of them kept. */
import type { Settings } from "../configuration/settings.ts";
import { type Federation, resolveFederation } from "../federation/federation.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import { list, quote } from "../reasons/text.ts";

/** A ServiceAccount by its names. */
export interface AccountName {
  readonly namespace: string;
  readonly name: string;
}

/** One whose identities every container gets, for a pod that tries it. */
export interface Sample extends AccountName {
  readonly providers: readonly string[];
}

/** A namespace, and how many ServiceAccounts it has. */
export interface LargestNamespace {
  readonly namespace: string;
  readonly total: number;
}

/** What there is to say of all of them. */
export interface AccountSurvey {
  readonly total: number;
  readonly federated: number;
  /** How many name each provider. */
  readonly byProvider: ReadonlyMap<string, number>;
  /** How many cannot be resolved. */
  readonly invalid: number;
  readonly byReason: ReadonlyMap<string, number>;
  /** The first of them, a line each. */
  readonly invalidLines: readonly string[];
  /** How many have annotations that nothing reads. */
  readonly withWarnings: number;
  readonly warningLines: readonly string[];
  /** How many federated ones each namespace has. */
  readonly federatedByNamespace: ReadonlyMap<string, number>;
  /** The namespace with the most ServiceAccounts; undefined where there are none. */
  readonly largest: LargestNamespace | undefined;
  /** How many federated ones lack the label of label mode. */
  readonly unlabelled: number;
  /** The first of them. */
  readonly unlabelledNames: readonly AccountName[];
  readonly samples: readonly Sample[];
}

/** More names hide what matters; the number says how many there are. */
const MAX_NAMED = 20;
/** One a namespace, so that one of them is in a namespace that the webhook sees. */
const MAX_SAMPLES = 1000;

const count = <Key>(counts: Map<Key, number>, key: Key): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

const nameOf = ({ namespace, name }: AccountName): string => list([`${namespace}/${name}`]);

/** Counts ServiceAccounts as they come. */
export class AccountCounter {
  private readonly settings: Settings;
  private total = 0;
  private federated = 0;
  private invalid = 0;
  private withWarnings = 0;
  private readonly byProvider = new Map<string, number>();
  private readonly byReason = new Map<string, number>();
  private readonly federatedByNamespace = new Map<string, number>();
  private readonly byNamespace = new Map<string, number>();
  private unlabelled = 0;
  private readonly unlabelledNames: AccountName[] = [];
  private readonly invalidLines: string[] = [];
  private readonly warningLines: string[] = [];
  private readonly samples = new Map<string, Sample>();

  constructor(settings: Settings) {
    this.settings = settings;
  }

  /** Counts one without an annotation under the prefix. */
  addPlain(namespace: string): void {
    this.total++;
    count(this.byNamespace, namespace);
  }

  /** Counts one with annotations under the prefix; `isLabelled`: it has the label of label mode. */
  add(account: ServiceAccount, isLabelled: boolean): void {
    this.addPlain(account.namespace);
    const federation = resolveFederation(account, this.settings);
    const { isFederated, providers, problems, warnings } = federation;
    const [warning] = warnings;
    if (warning !== undefined) this.warned(account, warning.text);
    if (!isFederated) return;
    this.federated++;
    count(this.federatedByNamespace, account.namespace);
    if (!isLabelled) this.lacksLabel(account);
    // A name that is no provider's can be anything, and as many of them as there are ServiceAccounts.
    for (const provider of providers) if (this.settings.providers.has(provider)) count(this.byProvider, provider);
    const [problem] = problems;
    if (problem === undefined) this.sampled(account, federation);
    else this.refused(account, problem.text, new Set(problems.map(({ reason }) => reason)));
  }

  /** What was counted so far. */
  finish(): AccountSurvey {
    const { total, federated, invalid, withWarnings, byProvider, byReason, federatedByNamespace } = this;
    const { invalidLines, warningLines, unlabelled, unlabelledNames } = this;
    const samples = [...this.samples.values()];
    return {
      total,
      federated,
      invalid,
      withWarnings,
      byProvider,
      byReason,
      federatedByNamespace,
      largest: this.largest(),
      unlabelled,
      unlabelledNames,
      invalidLines,
      warningLines,
      samples,
    };
  }

  private largest(): LargestNamespace | undefined {
    let largest: LargestNamespace | undefined;
    for (const [namespace, total] of this.byNamespace)
      if (total > (largest?.total ?? 0)) largest = { namespace, total };
    return largest;
  }

  private lacksLabel({ namespace, name }: AccountName): void {
    this.unlabelled++;
    if (this.unlabelledNames.length < MAX_NAMED) this.unlabelledNames.push({ namespace, name });
  }

  private warned(account: AccountName, text: string): void {
    this.withWarnings++;
    if (this.warningLines.length < MAX_NAMED) this.warningLines.push(`${nameOf(account)}: ${text}`);
  }

  private refused(account: AccountName, text: string, reasons: Iterable<string>): void {
    this.invalid++;
    for (const reason of reasons) count(this.byReason, reason);
    if (this.invalidLines.length < MAX_NAMED) this.invalidLines.push(`${nameOf(account)}: ${text}`);
  }

  private sampled({ namespace, name }: AccountName, { providers, filter, identities, askedOfPods }: Federation): void {
    // What depends on the pod's labels, a pod that tries it says nothing of.
    if (askedOfPods.some(({ rules }) => rules.some(({ podLabel }) => podLabel !== undefined))) return;
    if (this.samples.has(namespace) || this.samples.size >= MAX_SAMPLES) return;
    const isForAll = [filter, ...identities.map((identity) => identity.filter)].every(({ only }) => only === undefined);
    if (isForAll) this.samples.set(namespace, { namespace, name, providers });
  }
}

/** A ServiceAccount as people name it. */
export const showAccount = ({ namespace, name }: AccountName): string =>
  quote(`${namespace}/${name}`, 120).slice(1, -1);
