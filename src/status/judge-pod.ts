/** What a pod that runs has of its ServiceAccount's identities, judged by the engine that would inject them today. */
import { findPreset } from "../configuration/compile.ts";
import { matchesAny } from "../configuration/patterns.ts";
import type { Provider, Settings } from "../configuration/settings.ts";
import { type Decision, decide } from "../decision/decide.ts";
import { Preparation, type PreparedAccount } from "../decision/prepared-account.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import { step } from "../injection/patch.ts";
import type { PlacementReport } from "../injection/plan.ts";
import type { Placement } from "../injection/plan-container.ts";
import { readPodAnnotations } from "../injection/pod-annotations.ts";
import type { PodIdentity } from "../injection/pod-identity.ts";
import { type Container, placedContainers, type ServiceAccountTokenProjection, type Volume } from "../pod/pod.ts";
import { list, quote } from "../reasons/text.ts";
import type { RunningPod } from "./running-pod.ts";
import type { PodState } from "./states.ts";

/** What the pod has of one provider's identity. */
export interface ProviderStatus {
  readonly provider: string;
  readonly state: PodState;
  /** What is not as it should be; empty where nothing is to be said. */
  readonly why: string;
}

/** What the pod has. */
export interface PodStatus {
  readonly providers: readonly ProviderStatus[];
  /** Why the platform's rules would refuse a pod like it today; undefined where they would not. */
  readonly refusal: string | undefined;
}

const NOTHING: PodStatus = { providers: [], refusal: undefined };

/** The same rules, of which none ends a decision: what is refused has to be looked at too. */
const lenient = (settings: Settings): Settings => ({
  ...settings,
  policy: { ...settings.policy, enforcement: "Warn", invalidServiceAccount: "Warn" },
});

const tokensOf = ({ projected }: Volume): readonly ServiceAccountTokenProjection[] =>
  (projected?.sources ?? []).flatMap(({ serviceAccountToken }) => serviceAccountToken ?? []);

/** The pod's volumes for `provider`, by the name that Podpass gives them: what is ours is only reported by it. */
const ownVolumes = ({ pod }: RunningPod, provider: string): readonly Volume[] => {
  const name = `podpass-${provider}`;
  return (pod.spec.volumes ?? []).filter(
    (volume) => (volume.name === name || volume.name.startsWith(`${name}-`)) && tokensOf(volume).length > 0,
  );
};

/** The containers with that placement, for a sentence; empty where there are none. */
const containersWith = (reports: readonly PlacementReport[], placement: Placement): string => {
  const names = reports.filter((report) => report.placement === placement).map(({ container }) => container);
  return names.length === 0 ? "" : list([...new Set(names)], 3);
};

/**
 * Do the variables of `provider` stand in the container as Podpass puts them there, together and in the provider's order?
 * One that the manifest has of its own comes after them.
 */
const isOurBlock = ({ env }: Container, provider: Provider): boolean => {
  const names = (env ?? []).map(({ name }) => name);
  const ours = provider.env.map(({ name }) => name).filter((name) => names.includes(name));
  const first = names.findIndex((name) => ours.includes(name));
  return ours.every((name, index) => names[first + index] === name);
};

/** Of one pod and one of its ServiceAccount's providers. */
interface Subject {
  readonly name: string;
  readonly reports: readonly PlacementReport[];
  /** Does the pod's mark name it? Pods that are copied from others bring the mark along. */
  readonly isMarked: boolean;
  /** The same, and it has a token of ours to go with it. */
  readonly wasInjected: boolean;
  /** Does it have a volume of the vendor's own webhook? */
  readonly isVendors: boolean;
  /** Did Podpass write the variables of the container of that name? */
  wroteVariables(container: string): boolean;
}

/** The identity is there as the engine would leave it: whose it is, and whether a new pod would get another. */
const judgePresent = ({ name, isMarked, isVendors }: Subject, outdated: string | undefined): ProviderStatus => {
  if (!isMarked) return { provider: name, state: isVendors ? "vendor" : "user-managed", why: "" };
  return { provider: name, state: outdated === undefined ? "current" : "stale", why: outdated ?? "" };
};

/** Judges by where the engine would put the identity now. */
const judgePlaced = (subject: Subject, outdated: string | undefined): ProviderStatus => {
  const { name, reports, isMarked, wasInjected, isVendors } = subject;
  const status = (state: PodState, why = ""): ProviderStatus => ({ provider: name, state, why });
  const others = isVendors ? "vendor" : "user-managed";
  const lacking = containersWith(reports, "injected");
  if (lacking !== "") {
    if (wasInjected) return status("stale", `container ${lacking} has it otherwise than in a new pod`);
    return isVendors ? status("vendor") : status("missing", `container ${lacking}`);
  }
  const differing = containersWith(reports, "identity-differs");
  if (differing !== "") {
    const isOurs =
      isMarked && reports.some((one) => one.placement === "identity-differs" && subject.wroteVariables(one.container));
    return status(isOurs ? "stale" : others, `the variables of container ${differing} name another identity`);
  }
  const elsewhere = containersWith(reports, "manages-itself");
  if (elsewhere !== "")
    return wasInjected ? status("stale", `container ${elsewhere} has its token elsewhere`) : status(others);
  if (reports.some(({ placement }) => placement === "already-present")) return judgePresent(subject, outdated);
  return status("left-out", [...new Set(reports.map(({ placement }) => placement))].join(", "));
};

/** Judges pods under one configuration; what it knows of a ServiceAccount is kept as long as that is. */
export class PodJudge {
  private readonly settings: Settings;
  private readonly lenientSettings: Settings;
  private readonly prepared: Preparation;
  private readonly leniently: Preparation;
  /** By preset. */
  private readonly vendorVolumes = new Map<string, readonly string[]>();

  constructor(settings: Settings) {
    this.settings = settings;
    this.lenientSettings = lenient(settings);
    this.prepared = new Preparation(settings);
    this.leniently = new Preparation(this.lenientSettings);
    for (const { name, preset } of settings.providers.values())
      this.vendorVolumes.set(name, (preset && findPreset(preset)?.vendorVolumes) || []);
  }

  /** `account` is the pod's ServiceAccount; undefined where it has no annotations of ours. */
  judge(running: RunningPod, account: ServiceAccount | undefined): PodStatus {
    const marked = this.markOf(running);
    const prepared = account && this.prepared.of(account).forPod(running.pod);
    const wanted = prepared?.federation.providers ?? [];
    const gone = marked.filter((name) => !wanted.includes(name) && ownVolumes(running, name).length > 0);
    const left = gone.map((name) => ({
      provider: name,
      state: "stale" as const,
      why: "its ServiceAccount does not ask for it any more",
    }));
    if (account === undefined || prepared === undefined || !prepared.federation.isFederated)
      return left.length === 0 ? NOTHING : { providers: left, refusal: undefined };
    const now = decide({
      pod: running.pod,
      namespace: running.namespace,
      serviceAccount: account,
      settings: this.lenientSettings,
      prepared: this.leniently.of(account),
    });
    const providers = wanted.map((name) => this.judgeProvider(name, running, { now, prepared, marked }));
    return { providers: [...providers, ...left], refusal: this.refusalOf(running, account, now) };
  }

  private markOf({ pod }: RunningPod): readonly string[] {
    const annotations = pod.metadata?.annotations ?? {};
    const key = `${this.settings.annotationPrefix}/injected`;
    const written = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
    return written === undefined || written === "" ? [] : written.slice(0, 4096).split(",").slice(0, 64);
  }

  private judgeProvider(
    name: string,
    running: RunningPod,
    { now, prepared, marked }: { now: Decision; prepared: PreparedAccount; marked: readonly string[] },
  ): ProviderStatus {
    const status = (state: PodState, why = ""): ProviderStatus => ({ provider: name, state, why });
    if (now.reason === "opted-out") return status("opted-out");
    const annotations = readPodAnnotations(running.pod, this.settings, prepared.federation.providers);
    const identity = prepared
      .identitiesFor(annotations)
      .identities.list.find((one) => one.identity.provider.name === name);
    if (identity === undefined) return status("invalid");
    const reports = now.reports.filter(({ provider }) => provider === name);
    if (reports.length === 0) return status("left-out", now.reason);
    const isMarked = marked.includes(name);
    const subject = {
      name,
      reports,
      isMarked,
      wasInjected: isMarked && ownVolumes(running, name).length > 0,
      isVendors: this.isVendors(name, running),
      wroteVariables: (container: string) =>
        placedContainers(running.pod).some(
          (placed) => placed.container.name === container && isOurBlock(placed.container, identity.identity.provider),
        ),
    };
    return judgePlaced(subject, outdatedIn(running, identity, now));
  }

  private isVendors(provider: string, { pod }: RunningPod): boolean {
    const patterns = this.vendorVolumes.get(provider) ?? [];
    return patterns.length > 0 && (pod.spec.volumes ?? []).some(({ name }) => matchesAny(patterns, name));
  }

  private refusalOf(running: RunningPod, serviceAccount: ServiceAccount, now: Decision): string | undefined {
    // What the lenient rules let pass in silence, the real ones do too.
    if (now.wouldDeny.length === 0) return undefined;
    const { pod, namespace } = running;
    const prepared = this.prepared.of(serviceAccount);
    return decide({ pod, namespace, serviceAccount, settings: this.settings, prepared }).message;
  }
}

/** What of an identity that the pod has is not what a new pod would get. */
const outdatedIn = (running: RunningPod, { identity, volume }: PodIdentity, now: Decision): string | undefined => {
  const rewritten = identity.files.find(({ annotation }) =>
    now.patch.some(({ path }) => path === `/metadata/annotations/${step(annotation)}`),
  );
  if (rewritten !== undefined) return `its file ${quote(rewritten.name, 60)} has other content`;
  const [wanted] = tokensOf(volume);
  const [has] = ownVolumes(running, identity.provider.name).flatMap(tokensOf);
  if (has === undefined || wanted?.expirationSeconds === has.expirationSeconds) return undefined;
  return `its token lives ${has.expirationSeconds} s, that of a new pod ${wanted?.expirationSeconds} s`;
};
