/** The row of the contract that takes eight minutes: a token is replaced when 80 % of its life are over. */
import { expect } from "vitest";
import { claimsOf } from "./claims.ts";
import type { ContractPod } from "./contract-nodes.ts";
import { identityPod, mountPath } from "./contract-pods.ts";

const lifetimeSeconds = 600;

/** Prints the seconds until its token was replaced, and the new token. */
export const rotationScript = `
first=$(cat ${mountPath}/token)
start=$(date +%s)
until [ "$(cat ${mountPath}/token)" != "$first" ]; do sleep 1; done
echo "$first"
cat ${mountPath}/token; echo
echo $(($(date +%s) - start))`;

/** The pod that waits for a new token. */
export const rotationPod = (): ContractPod => identityPod("rotation", { expirationSeconds: lifetimeSeconds });

/** How long that may take: 80 % of the lifetime, and kubelet's next look at the pod. */
export const rotationTimeoutMs = 660_000;

/** Judges what `rotationScript` printed. */
export const expectRotation = (output: string): void => {
  const [first = "", second = "", seconds] = output.trim().split("\n");
  const [before, after] = [claimsOf(first), claimsOf(second)];
  expect((before.exp ?? 0) - (before.iat ?? 0)).toBe(lifetimeSeconds);
  expect({ ...after, exp: 0, iat: 0, nbf: 0, jti: "" }).toEqual({ ...before, exp: 0, iat: 0, nbf: 0, jti: "" });
  // kubelet takes up to ten seconds off, and looks at a pod about once a minute.
  expect(Number(seconds)).toBeGreaterThanOrEqual(0.8 * lifetimeSeconds - 15);
  expect(Number(seconds)).toBeLessThan(lifetimeSeconds);
};
