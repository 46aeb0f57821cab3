/** Runs a pod's program on the node stand-in, with the provider's stand-in behind the provider's own host names. */
import { join } from "node:path";
import pc from "picocolors";
import type { Cluster } from "../../test/cluster/cluster.ts";
import type { Pod } from "../../test/cluster/node/pod.ts";
import { type ContainerResult, runContainer } from "../../test/cluster/node.ts";
import type { Handle } from "../../test/cluster/relying-parties/listen.ts";
import { serveVendorHosts } from "../../test/cluster/relying-parties/vendor-hosts.ts";
import type { Verdict } from "../../test/cluster/relying-parties/verify.ts";
import { keysFor, type SdkCase } from "../../test/e2e/sdk-cases.ts";
import { podpassTrust } from "../../test/e2e/trust.ts";
import { createAuthority } from "../certificates.ts";
import { print } from "./show.ts";

const authority = await createAuthority("podpass demo providers");
const caFile = "/etc/demo-ca.pem";
// In the checkout, so that the program finds its SDK.
const programFile = join(import.meta.dirname, "app.mjs");

/** A program, and the cluster and pod that it runs in. */
export interface ProgramRun {
  readonly cluster: Cluster;
  readonly pod: Pod;
  readonly sdkCase: SdkCase;
}

const run = async ({ cluster, pod, sdkCase }: ProgramRun, handles: readonly Handle[]): Promise<ContainerResult> => {
  const provider = await serveVendorHosts(authority, sdkCase.hosts, handles);
  try {
    return await runContainer({
      cluster,
      pod,
      container: "main",
      command: ["node", programFile],
      env: { NODE_EXTRA_CA_CERTS: caFile, HOME: "/nonexistent", AWS_EC2_METADATA_DISABLED: "true" },
      files: { [programFile]: sdkCase.program.source, [caFile]: authority.ca },
      hosts: provider.hosts,
    });
  } finally {
    await provider.stop();
  }
};

/** The line in which Node.js says which error ended a program. */
const errorIn = (text: string): string => {
  const lines = text.split("\n");
  return lines.find((line) => /^\w*(Error|Exception): /u.test(line)) ?? lines.find((line) => line !== "") ?? "";
};

const show = ({ exitCode, stdout, stderr, startError }: ContainerResult): void => {
  const isGood = exitCode === 0;
  print(isGood ? pc.green(`  ${stdout.trim()}`) : pc.red(`  ${startError ?? errorIn(stderr)}`));
};

/** Runs the program at a provider that trusts nobody. */
export const runUnknown = async (programRun: ProgramRun): Promise<void> => show(await run(programRun, []));

/** Runs the program at a provider that was told what `podpass trust` says of `account`. Did it log in? */
export const runTrusted = async (programRun: ProgramRun, account: string): Promise<boolean> => {
  const { cluster, sdkCase } = programRun;
  const told = await podpassTrust(cluster, sdkCase.provider, account);
  const registered = sdkCase.registered(told);
  print(pc.dim(`  podpass trust ${sdkCase.provider} ${account} told the provider whom to trust:`));
  print(pc.dim(`    issuer ${registered.issuer}, audience ${registered.audience}`));
  const verdicts: Verdict[] = [];
  const trust = {
    ...registered,
    jwks: keysFor(told, await cluster.jwks()),
    onVerdict: (verdict: Verdict) => verdicts.push(verdict),
  };
  const result = await run(programRun, sdkCase.provide(told, trust));
  for (const verdict of verdicts) {
    if (verdict.kind === "refused") print(pc.red(`  the provider refused its token: ${verdict.message}`));
    else print(`  the provider verified its token: ${pc.cyan(verdict.subject)}, good for ${verdict.secondsLeft} s`);
  }
  show(result);
  return result.exitCode === 0 && verdicts.some(({ kind }) => kind === "accepted");
};
