/** All pods of a cluster, one after the other, by ServiceAccount and workload: counted, and none of them kept. */
import type { Settings } from "../configuration/settings.ts";
import { type Federation, resolveFederation } from "../federation/federation.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import type { ProviderStatus } from "./judge-placed.ts";
import type { PodStatus } from "./judge-pod.ts";
import type { RunningPod } from "./running-pod.ts";
import { POD_STATES, type PodState } from "./states.ts";

/** What is looked at. */
export interface StatusFilter {
  /** Of one provider only. */
  readonly provider?: string;
  /** Only what asks for something. */
  readonly problems?: boolean;
}

/** The pods of a workload that are in one state, for one provider. */
export interface StateCount {
  readonly provider: string;
  readonly state: PodState;
  readonly pods: number;
  /** Of the first of them. */
  readonly why: string;
  /** The first of them, by name. */
  readonly examples: readonly string[];
}

/** A workload. */
export interface WorkloadStatus {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** `deployment/api`. */
  readonly workload: string;
  readonly pods: number;
  readonly states: readonly StateCount[];
  /** Why the platform's rules would refuse its pods today. */
  readonly refusal: string | undefined;
}

/** A federated ServiceAccount. */
export interface AccountStatus {
  readonly namespace: string;
  readonly name: string;
  readonly providers: readonly string[];
  /** Pods that run with it. */
  readonly pods: number;
  /** Why it cannot be resolved. */
  readonly problems: readonly string[];
}

/** The result. */
export interface StatusReport {
  readonly accounts: readonly AccountStatus[];
  /** In order: by namespace, ServiceAccount and name. */
  readonly workloads: readonly WorkloadStatus[];
  /** How many workloads without a problem there are beside those. */
  readonly unnamedWorkloads: number;
  /** Pods that were looked at: also those that have nothing to do with it. */
  readonly pods: number;
  readonly federatedPods: number;
  /** A pod counts once for each provider. */
  readonly byState: ReadonlyMap<PodState, number>;
  /** Is there nothing that asks for something? */
  readonly isHealthy: boolean;
}

/** A list that is longer helps nobody; totals have all of them. */
const MAX_WORKLOADS = 10_000;
const MAX_EXAMPLES = 5;
/** Of all workloads together: pods that are made up can name another provider each. */
const MAX_COUNTS = 100_000;

interface Counted {
  pods: number;
  why: string;
  readonly examples: string[];
}

interface Row {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly workload: string;
  pods: number;
  refusal: string | undefined;
  /** By provider and state. */
  readonly counts: Map<string, Counted & { readonly provider: string; readonly state: PodState }>;
}

interface Account {
  readonly account: ServiceAccount;
  readonly federation: Federation;
  pods: number;
}

const isProblem = (state: PodState): boolean => POD_STATES[state].isProblem;

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

/** Counts pods as they come. */
export class StatusCounter {
  private readonly filter: StatusFilter;
  private readonly settings: Settings;
  /** By `namespace/name`. */
  private readonly accounts = new Map<string, Account>();
  private readonly rows = new Map<string, Row>();
  private readonly byState = new Map<PodState, number>();
  private pods = 0;
  private federatedPods = 0;
  private unnamed = 0;
  private counts = 0;

  constructor(settings: Settings, filter: StatusFilter) {
    this.settings = settings;
    this.filter = filter;
  }

  /** Adds a ServiceAccount that may be federated; all of them before the first pod. */
  addAccount(account: ServiceAccount): void {
    const federation = resolveFederation(account, this.settings);
    if (federation.isFederated)
      this.accounts.set(`${account.namespace}/${account.name}`, { account, federation, pods: 0 });
  }

  /** The federated ServiceAccount of a pod. */
  accountOf({ namespace, serviceAccount }: RunningPod): ServiceAccount | undefined {
    return this.accounts.get(`${namespace}/${serviceAccount}`)?.account;
  }

  add(running: RunningPod, { providers, refusal }: PodStatus): void {
    this.pods++;
    const account = this.accounts.get(`${running.namespace}/${running.serviceAccount}`);
    if (account !== undefined) account.pods++;
    const { provider } = this.filter;
    const shown = provider === undefined ? providers : providers.filter((one) => one.provider === provider);
    if (shown.length === 0) return;
    this.federatedPods++;
    for (const { state } of shown) this.byState.set(state, (this.byState.get(state) ?? 0) + 1);
    const hasProblem = refusal !== undefined || shown.some(({ state }) => isProblem(state));
    if (this.filter.problems === true && !hasProblem) return;
    const row = this.rowOf(running, hasProblem);
    if (row === undefined) return;
    row.pods++;
    row.refusal ??= refusal;
    for (const one of shown) this.count(row, one, running.name);
  }

  finish(): StatusReport {
    const { provider } = this.filter;
    const accounts = [...this.accounts.values()]
      .filter(({ federation }) => provider === undefined || federation.providers.includes(provider))
      .map(({ account, federation, pods }) => ({
        namespace: account.namespace,
        name: account.name,
        providers: federation.providers,
        pods,
        problems: federation.problems.map(({ text }) => text),
      }));
    const { pods, federatedPods, byState } = this;
    return {
      accounts: accounts.sort((a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name)),
      workloads: this.workloads(),
      unnamedWorkloads: this.unnamed,
      pods,
      federatedPods,
      byState,
      isHealthy:
        accounts.every(({ problems }) => problems.length === 0) &&
        ![...byState.keys()].some((state) => isProblem(state)),
    };
  }

  private workloads(): readonly WorkloadStatus[] {
    const order = Object.keys(POD_STATES);
    return [...this.rows.values()]
      .map(({ counts, ...row }) => ({
        ...row,
        states: [...counts.values()].sort(
          (a, b) => compare(a.provider, b.provider) || order.indexOf(a.state) - order.indexOf(b.state),
        ),
      }))
      .sort(
        (a, b) =>
          compare(a.namespace, b.namespace) ||
          compare(a.serviceAccount, b.serviceAccount) ||
          compare(a.workload, b.workload),
      );
  }

  private rowOf(running: RunningPod, hasProblem: boolean): Row | undefined {
    const { namespace, serviceAccount, workload } = running;
    const key = `${namespace}/${serviceAccount}/${workload}`;
    let row = this.rows.get(key);
    if (row !== undefined) return row;
    // Of those with problems as many again.
    if (this.rows.size >= (hasProblem ? 2 * MAX_WORKLOADS : MAX_WORKLOADS)) {
      this.unnamed++;
      return undefined;
    }
    row = { namespace, serviceAccount, workload, pods: 0, refusal: undefined, counts: new Map() };
    this.rows.set(key, row);
    return row;
  }

  private count(row: Row, { provider, state, why }: ProviderStatus, pod: string): void {
    const key = `${provider} ${state}`;
    let counted = row.counts.get(key);
    if (counted === undefined) {
      if (this.counts >= MAX_COUNTS) return;
      this.counts++;
      // A part of the key, which is a text of its own: a name that was cut out of an annotation holds all of that.
      counted = { provider: key.slice(0, provider.length), state, pods: 0, why, examples: [] };
      row.counts.set(key, counted);
    }
    counted.pods++;
    if (counted.examples.length < MAX_EXAMPLES) counted.examples.push(pod);
  }
}
