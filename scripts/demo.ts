/**
 * `npm run demo`: the real server on this machine, and what becomes of some pods. It keeps serving until Ctrl-C
 * (`--once`: ends instead).
 *
 * `npm run demo -- --cluster`: the same on a real Kubernetes control plane, until an SDK has logged in with the identity.
 */
const has = (flag: string): boolean => process.argv.includes(flag);

if (has("--cluster")) {
  const { demoOnCluster } = await import("./demo/cluster.ts");
  process.exitCode = await demoOnCluster();
} else {
  const { demoOnLoopback } = await import("./demo/loopback.ts");
  await demoOnLoopback({ isServing: !has("--once") });
}
