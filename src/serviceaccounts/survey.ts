/** All federated ServiceAccounts under one configuration: how many there are, and which cannot be resolved. */
import type { Settings } from "../configuration/settings.ts";
import { resolveFederation } from "../federation/federation.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import type { Problem, ProblemReason } from "../reasons/reasons.ts";

/** One that cannot be resolved. */
export interface InvalidAccount {
  /** `namespace/name`. */
  readonly name: string;
  readonly problems: readonly Problem[];
}

/** The result. */
export interface Survey {
  readonly federated: number;
  /** Those with problems, by `namespace/name`. */
  readonly invalid: ReadonlySet<string>;
  /** How many have each reason. */
  readonly byReason: ReadonlyMap<ProblemReason, number>;
  /** Of those that the survey before did not have the first {@link MAX_NAMED}. */
  readonly newlyInvalid: readonly InvalidAccount[];
  /** How many more of them there are. */
  readonly unnamed: number;
}

/** More lines about one change hide the rest of the log; the metric has the number. */
const MAX_NAMED = 100;

/** So long the requests that come meanwhile wait at most. */
const SLICE_MS = 10;

/** What is kept of a judgement: nothing where there is nothing to tell, else the reasons. */
type Verdict = "not-federated" | "valid" | ReadonlySet<ProblemReason>;

/** Each set of reasons once, however many ServiceAccounts have them. */
const reasonSets = new Map<string, ReadonlySet<ProblemReason>>();

const reasonSet = (problems: readonly Problem[]): ReadonlySet<ProblemReason> => {
  const reasons = new Set(problems.map((problem) => problem.reason));
  const key = [...reasons].sort().join();
  const known = reasonSets.get(key);
  if (known !== undefined) return known;
  reasonSets.set(key, reasons);
  return reasons;
};

/** One survey in the making. */
class Draft {
  private federated = 0;
  private readonly invalid = new Set<string>();
  private readonly byReason = new Map<ProblemReason, number>();
  private readonly newlyInvalid: InvalidAccount[] = [];
  private unnamed = 0;
  private readonly settings: Settings;
  private readonly verdicts: WeakMap<ServiceAccount, Verdict>;
  private readonly before: Survey | undefined;

  constructor(settings: Settings, verdicts: WeakMap<ServiceAccount, Verdict>, before: Survey | undefined) {
    this.settings = settings;
    this.verdicts = verdicts;
    this.before = before;
  }

  add(account: ServiceAccount): void {
    const verdict = this.verdicts.get(account) ?? this.judge(account);
    if (verdict === "not-federated") return;
    this.federated++;
    if (verdict === "valid") return;
    const name = `${account.namespace}/${account.name}`;
    this.invalid.add(name);
    for (const reason of verdict) this.byReason.set(reason, (this.byReason.get(reason) ?? 0) + 1);
    if (this.before?.invalid.has(name) === true) return;
    if (this.newlyInvalid.length === MAX_NAMED) this.unnamed++;
    else this.newlyInvalid.push({ name, problems: resolveFederation(account, this.settings).problems });
  }

  finish(): Survey {
    const { federated, invalid, byReason, newlyInvalid, unnamed } = this;
    return { federated, invalid, byReason, newlyInvalid, unnamed };
  }

  private judge(account: ServiceAccount): Verdict {
    const { isFederated, problems } = resolveFederation(account, this.settings);
    const ofFederated = problems.length === 0 ? "valid" : reasonSet(problems);
    const verdict = isFederated ? ofFederated : "not-federated";
    this.verdicts.set(account, verdict);
    return verdict;
  }
}

/**
 * Judges ServiceAccounts again and again. What is known of an account under the same settings is not found out a second
 * time, so that the change of one costs one; and the work is done in slices, so that nobody waits for all of it.
 */
export class Surveyor {
  private readonly publish: (survey: Survey) => void;
  private settings: Settings | undefined;
  private verdicts = new WeakMap<ServiceAccount, Verdict>();
  private last: Survey | undefined;
  private underWay: Iterator<ServiceAccount> | undefined;
  private waiting: ((survey: Survey) => void)[] = [];

  /** `publish` is called with each survey that comes to its end. */
  constructor(publish: (survey: Survey) => void) {
    this.publish = publish;
  }

  /**
   * Judges `accounts` with `settings`; the first slice before this returns. A survey that is still under way is given up
   * for this one, which then is the result of both. `done` is called after it was published.
   */
  begin(accounts: Iterable<ServiceAccount>, settings: Settings, done?: (survey: Survey) => void): void {
    if (settings !== this.settings) this.verdicts = new WeakMap();
    this.settings = settings;
    if (done !== undefined) this.waiting.push(done);
    const rest = accounts[Symbol.iterator]();
    this.underWay = rest;
    this.goOn(rest, new Draft(settings, this.verdicts, this.last));
  }

  private goOn(rest: Iterator<ServiceAccount>, draft: Draft): void {
    if (this.underWay !== rest) return;
    const untilMs = performance.now() + SLICE_MS;
    for (let next = rest.next(); next.done !== true; next = rest.next()) {
      draft.add(next.value);
      if (performance.now() < untilMs) continue;
      setImmediate(() => this.goOn(rest, draft));
      return;
    }
    this.underWay = undefined;
    const survey = draft.finish();
    this.last = survey;
    const told = this.waiting;
    this.waiting = [];
    this.publish(survey);
    for (const done of told) done(survey);
  }
}
