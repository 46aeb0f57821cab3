/** What a pod that runs has of its ServiceAccount's identities, judged by the engine that would inject them today. */
import { findPreset } from "../configuration/compile.ts";
import { matchesAny } from "../configuration/patterns.ts";
import type { Provider, Settings } from "../configuration/settings.ts";
import { type Decision, decide } from "../decision/decide.ts";
import { Preparation, type PreparedAccount } from "../decision/prepared-account.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import { step } from "../injection/patch.ts";
import { readPodAnnotations } from "../injection/pod-annotations.ts";
import type { PodIdentity } from "../injection/pod-identity.ts";
import { type Container, placedContainers, type ServiceAccountTokenProjection, type Volume } from "../pod/pod.ts";
import { quote } from "../reasons/text.ts";
import { judgePlaced, type ProviderStatus } from "./judge-placed.ts";
import type { RunningPod } from "./running-pod.ts";
import type { PodState } from "./states.ts";
import { asUnseen, type WebhookScope } from "./webhook-scope.ts";

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
  const numbered = `${name}-`;
  return (pod.spec.volumes ?? []).filter(
    (volume) => (volume.name === name || volume.name.startsWith(numbered)) && tokensOf(volume).length > 0,
  );
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

/** Judges pods under one configuration; what it knows of a ServiceAccount is kept as long as that is. */
export class PodJudge {
  private readonly settings: Settings;
  private readonly scope: WebhookScope | undefined;
  private readonly lenientSettings: Settings;
  private readonly prepared: Preparation;
  private readonly leniently: Preparation;
  /** By preset. */
  private readonly vendorVolumes = new Map<string, readonly string[]>();

  /** `scope`: which pods the webhook is asked about; all of them where that is not known. */
  constructor(settings: Settings, scope?: WebhookScope) {
    this.settings = settings;
    this.scope = scope;
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
    const unseen = this.scope?.whyUnseen(running);
    if (unseen !== undefined)
      return { providers: [...providers.map((one) => asUnseen(one, unseen)), ...left], refusal: undefined };
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
