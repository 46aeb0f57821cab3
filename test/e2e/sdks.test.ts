import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createAuthority } from "../../scripts/certificates.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { createPod, describeOnCluster, hasControlPlane, programsFolder, timeouts } from "../cluster/harness.ts";
import type { Pod } from "../cluster/node/pod.ts";
import { runContainer } from "../cluster/node.ts";
import { reviewToken, vault } from "../cluster/relying-parties/vault.ts";
import { canServeVendorHosts, serveVendorHosts } from "../cluster/relying-parties/vendor-hosts.ts";
import { type Trust, type Verdict, verifyToken } from "../cluster/relying-parties/verify.ts";
import type { SdkProgram } from "../cluster/sdk-programs.ts";
import { cloudCases } from "./cloud-cases.ts";
import { dataCases } from "./data-cases.ts";
import { useEnvironment } from "./environment.ts";
import { type GoCase, goCases } from "./go-cases.ts";
import { findGoPrograms } from "./go-programs.ts";
import { goServiceCases } from "./go-service-cases.ts";
import { type JavaCase, javaCases } from "./java-cases.ts";
import { findJavaPrograms } from "./java-programs.ts";
import { configuration } from "./podpass.ts";
import { vaultProgram } from "./programs.ts";
import { findPython } from "./python.ts";
import { annotationsOf, keysFor, type Language, type SdkCase, sdkCases } from "./sdk-cases.ts";
import { trainingCases } from "./training-cases.ts";
import { podpassTrust, type Told } from "./trust.ts";

const python = hasControlPlane ? await findPython() : ({ kind: "missing" } as const);
const go = hasControlPlane ? await findGoPrograms() : ({ kind: "missing" } as const);
const java = hasControlPlane ? await findJavaPrograms() : ({ kind: "missing" } as const);
const cases: Readonly<Record<string, AnyCase>> = {
  ...sdkCases,
  ...cloudCases,
  ...dataCases,
  ...trainingCases,
  ...goCases,
  ...goServiceCases,
  ...javaCases,
};
const authority = await createAuthority("podpass test vendors");
const caFile = "/etc/test-ca.pem";
const otherAudience = "https://other.example.com";

const vaultAudience = "https://vault.example.com";
const vaultAnnotations = { "podpass.dev/federate": "vault", "vault.podpass.dev/role": "reports" };
const providers = {
  ...Object.fromEntries(
    Object.values(cases).map(({ provider, preset = provider, platform }) => {
      const values = Object.entries(platform?.(authority.ca) ?? {}).map(([name, value]) => [name, { value }]);
      return [provider, { preset, parameters: Object.fromEntries(values) }];
    }),
  ),
  vault: {
    preset: "vault",
    parameters: { "token-audience": { value: vaultAudience }, address: { value: vaultAudience } },
  },
};

/** A case in any language. */
type AnyCase = SdkCase | GoCase | JavaCase;

// Where packages are found from, and where the program lies in the container.
const programFiles = {
  node: join(import.meta.dirname, "program.mjs"),
  python: "/app/program.py",
  shell: "/app/program.sh",
};

// Importing LiteLLM takes seconds of processor time, and other tests run beside.
const limits = {
  node: { run: 30_000, test: timeouts.test },
  go: { run: 30_000, test: timeouts.test },
  java: { run: 60_000, test: 2 * timeouts.test },
  python: { run: 90_000, test: 3 * timeouts.test },
  shell: { run: 30_000, test: timeouts.test },
} as const;

const interpreters = {
  node: "node",
  python: python.kind === "ready" ? python.command : "python3",
  shell: "sh",
} as const;

const imageEnv = { NODE_EXTRA_CA_CERTS: caFile, SSL_CERT_FILE: caFile, HOME: "/nonexistent" };

/** An image: a program, and the authority that the company's machines trust. */
const scriptImage = (language: Language, { source }: SdkProgram) => {
  const isPython = language === "python" && python.kind === "ready";
  const caFiles = [caFile, ...(isPython ? python.caFiles : [])];
  return {
    command: [interpreters[language], programFiles[language]],
    env: {
      ...imageEnv,
      ...(language === "shell" ? { PATH: `${programsFolder}:/usr/bin:/bin` } : {}),
    },
    files: { [programFiles[language]]: source, ...Object.fromEntries(caFiles.map((file) => [file, authority.ca])) },
  };
};

const imageOf = (sdkCase: AnyCase) => {
  const files = { [caFile]: authority.ca };
  if (sdkCase.language === "go") {
    const command = [(go.kind === "ready" && go.files[sdkCase.program]) || sdkCase.program];
    return { command, env: imageEnv, files };
  }
  if (sdkCase.language === "java") {
    const ready = java.kind === "ready" ? java : undefined;
    const trust = { OAUTH_SSL_TRUSTSTORE_LOCATION: caFile, OAUTH_SSL_TRUSTSTORE_TYPE: "PEM" };
    return { command: ready?.commands[sdkCase.program] ?? [], env: { ...imageEnv, ...trust, ...ready?.env }, files };
  }
  return scriptImage(sdkCase.language, sdkCase.program);
};

const createPlainPod = (
  cluster: Cluster,
  serviceAccountName: string,
  parts: SdkCase["handWritten"] = {},
): Promise<Pod> => {
  const name = `${serviceAccountName}-${crypto.randomUUID().slice(0, 8)}`;
  return createPod(cluster, { name, serviceAccountName, ...parts });
};

const isRunnable = {
  node: true,
  shell: true,
  python: python.kind === "ready",
  go: go.kind === "ready",
  java: java.kind === "ready",
};

const isPossible = ({ language }: Pick<AnyCase, "language">) =>
  (process.env["CI"] === "true" || canServeVendorHosts()) && isRunnable[language];

describeOnCluster("unmodified SDKs in unmodified manifests", { timeout: timeouts.test }, () => {
  const config = configuration({ providers });
  const accounts = Object.entries(cases).flatMap(([name, sdkCase]) => [
    { name, annotations: annotationsOf(sdkCase) },
    { name: `${name}-stranger`, annotations: annotationsOf(sdkCase) },
    { name: `${name}-elsewhere`, annotations: annotationsOf(sdkCase, otherAudience) },
    { name: `${name}-deleted`, annotations: annotationsOf(sdkCase) },
  ]);
  const current = useEnvironment({ config }, (environment) =>
    environment.create([...accounts, { name: "vault", annotations: vaultAnnotations }]),
  );
  const other = useEnvironment({ config }, (environment) => environment.create(accounts));

  const tell = (name: string, { provider }: AnyCase): Promise<Told> =>
    podpassTrust(current().cluster, provider, `default/${name}`);

  const trustFor = async (told: Told, { registered }: AnyCase, extra: Partial<Trust> = {}): Promise<Trust> => {
    const jwks = keysFor(told, await current().cluster.jwks());
    return { jwks, ...registered(told), ...extra };
  };

  /** Runs the case's program in a pod of `account` of `cluster`, against a provider that was told of `name`. */
  const run = async (
    name: string,
    sdkCase: AnyCase,
    pod: Pod,
    options: { cluster?: Cluster; trust?: Partial<Trust> } = {},
  ) => {
    const told = await tell(name, sdkCase);
    const verdicts: Verdict[] = [];
    const onVerdict = (verdict: Verdict) => verdicts.push(verdict);
    const trust = await trustFor(told, sdkCase, { ...options.trust, onVerdict });
    const vendor = await serveVendorHosts(authority, sdkCase.hosts, sdkCase.provide(told, trust));
    onTestFinished(() => vendor.stop());
    const result = await runContainer({
      cluster: options.cluster ?? current().cluster,
      pod,
      container: "main",
      ...imageOf(sdkCase),
      hosts: vendor.hosts,
      timeoutMs: limits[sdkCase.language].run,
    });
    const reasons = verdicts.map((verdict) => (verdict.kind === "refused" ? verdict.refusal : "accepted"));
    return { ...result, verdicts: [...new Set(reasons)] };
  };

  /** The program failed, printed nothing, and the provider said no for one reason. */
  const expectRefused = ({ exitCode, stdout, verdicts, startError }: Awaited<ReturnType<typeof run>>, reason: string) =>
    expect({ hasFailed: exitCode > 0, stdout, verdicts, startError }).toEqual({
      hasFailed: true,
      stdout: "",
      verdicts: [reason],
      startError: undefined,
    });

  for (const [name, sdkCase] of Object.entries(cases)) {
    describe.skipIf(!isPossible(sdkCase))(name, { timeout: limits[sdkCase.language].test }, () => {
      it("works as injected", async () => {
        const pod = await createPlainPod(current().cluster, name);
        const { exitCode, stdout, stderr, verdicts } = await run(name, sdkCase, pod);
        expect({ exitCode, stdout, stderr, verdicts }).toEqual({
          exitCode: 0,
          stdout: `${sdkCase.prints(`system:serviceaccount:default:${name}`)}\n`,
          stderr: "",
          verdicts: ["accepted"],
        });
      });

      const { handWritten, beside } = sdkCase;
      if (handWritten !== undefined)
        it("works where it is written by hand already, with the token that is there", async () => {
          const pod = await createPlainPod(current().cluster, name, handWritten);
          expect(pod.spec.volumes?.map((volume) => volume.name)).toEqual(["identity"]);
          const { exitCode, stdout, verdicts } = await run(name, sdkCase, pod);
          const prints = `${sdkCase.prints(`system:serviceaccount:default:${name}`)}\n`;
          expect({ exitCode, stdout, verdicts }).toEqual({ exitCode: 0, stdout: prints, verdicts: ["accepted"] });
        });

      if (beside !== undefined)
        it("works beside what it takes the place of", async () => {
          const env = Object.entries(beside).map(([variable, value]) => ({ name: variable, value }));
          const pod = await createPlainPod(current().cluster, name, { container: { env } });
          const { exitCode, stdout, verdicts } = await run(name, sdkCase, pod);
          const prints = `${sdkCase.prints(`system:serviceaccount:default:${name}`)}\n`;
          expect({ exitCode, stdout, verdicts }).toEqual({ exitCode: 0, stdout: prints, verdicts: ["accepted"] });
        });

      it("is refused with another audience", async () => {
        const elsewhere = `${name}-elsewhere`;
        const pod = await createPlainPod(current().cluster, elsewhere);
        // The provider knows this ServiceAccount too, so that only the audience is wrong.
        const { subjects } = sdkCase.registered(await tell(elsewhere, sdkCase));
        expectRefused(await run(name, sdkCase, pod, { trust: { subjects } }), "audience");
      });

      it("is refused as another ServiceAccount", async () => {
        const pod = await createPlainPod(current().cluster, `${name}-stranger`);
        expectRefused(await run(name, sdkCase, pod), "subject");
      });

      it("is refused in another cluster, by its keys and by its issuer", async () => {
        const { cluster } = other();
        const pod = await createPlainPod(cluster, name);
        expectRefused(await run(name, sdkCase, pod, { cluster }), "signature");
        // A provider that knows the other cluster's keys as well, so that only the issuer is wrong.
        const keys = await Promise.all([current().cluster.jwks(), cluster.jwks()]);
        const jwks = { keys: keys.flatMap((set) => set.keys) };
        expectRefused(await run(name, sdkCase, pod, { cluster, trust: { jwks } }), "issuer");
      });
    });
  }

  /** The token in a pod's identity, read where the pod says that it is. */
  const readToken = async (pod: Pod): Promise<string> => {
    const identity = pod.spec.volumes?.find(({ name }) => name.startsWith("podpass-"));
    const { mountPath = "" } = pod.spec.containers[0]?.volumeMounts?.find(({ name }) => name === identity?.name) ?? {};
    const file = identity?.projected?.sources?.find((source) => source.serviceAccountToken)?.serviceAccountToken?.path;
    const command = ["cat", `${mountPath}/${file}`];
    return (await runContainer({ cluster: current().cluster, pod, container: "main", command })).stdout;
  };

  const deleteAccount = (name: string) =>
    current().cluster.must("DELETE", `/api/v1/namespaces/default/serviceaccounts/${name}`);

  // The API server itself remembers for ten seconds that a token was good.
  const forgets = { timeout: 20_000, interval: 500 };

  describe("a deleted ServiceAccount", () => {
    it("gets no new token at any provider, and who asks the cluster knows within seconds; who verifies offline cannot", async () => {
      const { cluster } = current();
      const names = Object.keys(cases).filter((name) => cases[name]?.language === "node");
      const deleteOne = async (name: string) => {
        const sdkCase = cases[name] as SdkCase;
        const account = `${name}-deleted`;
        const trust = await trustFor(await tell(account, sdkCase), sdkCase);
        const pod = await createPlainPod(cluster, account);
        const token = await readToken(pod);
        const review = async () => (await reviewToken(cluster, token, trust.audience)).authenticated === true;
        expect([await review(), (await verifyToken(token, trust)).kind]).toEqual([true, "accepted"]);
        await deleteAccount(account);
        await expect.poll(review, forgets).toBe(false);
        const { startError } = await runContainer({ cluster, pod, container: "main", command: ["true"] });
        expect(startError).toMatch(/failed to fetch token|not found/u);
        // Nothing in a signed token says that its owner is gone: it is good until it expires.
        expect((await verifyToken(token, trust)).kind).toBe("accepted");
      };
      await Promise.all(names.map(deleteOne));
    });

    it.skipIf(!isPossible({ language: "node" }))("is refused by Vault, which asks the cluster", async () => {
      const { cluster } = current();
      const told = await podpassTrust(cluster, "vault", "default/vault");
      const subject = told.fields["boundSubject"] ?? "";
      const role = told.fields["role"] ?? "";
      const handle = vault({ cluster, role, audience: told.audience, boundSubjects: [subject] });
      const vendor = await serveVendorHosts(authority, ["vault.example.com"], [handle]);
      onTestFinished(() => vendor.stop());
      const pod = await createPlainPod(cluster, "vault");
      // The token that the pod has by now: a node would get no other one.
      const token = await readToken(pod);
      const image = scriptImage("node", vaultProgram);
      const old = { ...pod, spec: { ...pod.spec, ...withFile(pod, "/etc/vault-token") } };
      const files = { ...image.files, "/etc/vault-token": token };
      const login = () => runContainer({ cluster, pod: old, container: "main", ...image, files, hosts: vendor.hosts });
      expect(await login()).toEqual({ exitCode: 0, stdout: `${subject}\n`, stderr: "" });
      await deleteAccount("vault");
      await expect
        .poll(async () => (await login()).stderr, { ...forgets, interval: 1_000 })
        .toContain("permission denied");
    });
  });
});

/** The pod with its token as a file that is there already, in place of a volume. */
const withFile = ({ spec }: Pod, file: string): Pick<Pod["spec"], "containers" | "volumes"> => ({
  volumes: [],
  containers: spec.containers.map((container) => ({
    ...container,
    volumeMounts: [],
    env: (container.env ?? []).map((variable) =>
      variable.name === "VAULT_JWT_PATH" ? { name: variable.name, value: file } : variable,
    ),
  })),
});
