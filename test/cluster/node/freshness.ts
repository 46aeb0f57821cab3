/** Keeps a running pod's volumes up to date, as kubelet does: when the pod was changed, and when a token is old. */
import { setTimeout as sleep } from "node:timers/promises";
import { decodeJwt } from "jose";
import type { Cluster } from "../cluster.ts";
import type { Pod, ProjectedSource } from "./pod.ts";
import { requestToken } from "./token.ts";

type TokenSource = NonNullable<ProjectedSource["serviceAccountToken"]>;

/** A pod's tokens; each is asked for once, and again when most of its life is over. */
export interface TokenStore {
  read(source: TokenSource): Promise<string>;
  /** Would `read` ask for a new one? */
  isAnyOld(): boolean;
}

interface Kept {
  readonly token: string;
  readonly oldAtMs: number;
}

const oldAfter = 0.8;
const lookIntervalMs = 250;

/** A store for the tokens of `pod` on `node`. */
export const createTokenStore = (cluster: Cluster, node: string, pod: Pod): TokenStore => {
  const kept = new Map<string, Kept>();
  const isOld = ({ oldAtMs }: Kept) => Date.now() >= oldAtMs;
  return {
    async read(source) {
      const key = JSON.stringify([source.audience, source.expirationSeconds]);
      const known = kept.get(key);
      if (known && !isOld(known)) return known.token;
      const token = await requestToken(cluster, node, pod, source);
      const { iat = 0, exp = 0 } = decodeJwt(token);
      kept.set(key, { token, oldAtMs: 1_000 * (iat + oldAfter * (exp - iat)) });
      return token;
    },
    isAnyOld: () => [...kept.values()].some(isOld),
  };
};

/** What `keepFresh` looks at and calls. */
export interface Freshness {
  readonly cluster: Cluster;
  readonly pod: Pod;
  readonly tokens: TokenStore;
  /** Writes the volumes of the pod as it is now. */
  readonly refresh: (pod: Pod) => Promise<unknown>;
}

const shown = ({ metadata }: Pod): string => JSON.stringify([metadata.annotations, metadata.labels]);

/** Starts looking; returns what ends it. What goes wrong meanwhile is tried again, as a node does. */
export const keepFresh = ({ cluster, pod, tokens, refresh }: Freshness): (() => Promise<void>) => {
  const { name, namespace } = pod.metadata;
  const over = new AbortController();
  let current = pod;
  const look = async (): Promise<void> => {
    const { status, body } = await cluster.request<Pod>("GET", `/api/v1/namespaces/${namespace}/pods/${name}`);
    const isChanged = status === 200 && shown(body) !== shown(current);
    if (!isChanged && !tokens.isAnyOld()) return;
    const next = isChanged ? { ...pod, metadata: body.metadata } : current;
    await refresh(next);
    current = next;
  };
  const loop = async (): Promise<void> => {
    for (;;) {
      await sleep(lookIntervalMs, undefined, { signal: over.signal });
      await look().catch(() => undefined);
    }
  };
  const ended = loop().catch(() => undefined);
  return async () => {
    over.abort();
    await ended;
  };
};
