/** What `podpass serve` needs before it opens anything: configuration, certificate, and where the ServiceAccounts are. */
import { type LiveConfiguration, openConfiguration } from "../files/configuration-file.ts";
import { openCertificateFiles } from "../tls/files.ts";
import type { CertificateSource } from "../tls/source.ts";
import { type ManagedPorts, openManaged, readManaged } from "./managed-certificates.ts";
import { accountsProblem } from "./open-accounts.ts";
import { podStatusProblems } from "./pod-status.ts";
import { driftProblems } from "./policy-drift.ts";
import type { ServeOptions } from "./serve-options.ts";

/** Why nothing is served: sentences for the person who started it. */
export interface Refusal {
  readonly problems: readonly string[];
}

/** What is there. */
export interface Inputs {
  readonly configuration: LiveConfiguration;
  /** Makes the certificate's source, now that there may be a connection. */
  openCertificate(ports: ManagedPorts): Promise<CertificateSource>;
}

const NO_CERTIFICATE = `podpass serve needs a serving certificate. In a cluster it makes its own:
  --ca-secret NAME --service NAME --webhook-configuration NAME
or it reads one: --tls-cert FILE and --tls-key FILE, both PEM. One for a try-out on this machine:
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \\
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout tls.key -out tls.crt`;

type OpenCertificate = Inputs["openCertificate"];

const certificateFrom = async (
  options: ServeOptions,
  namespace: string | undefined,
): Promise<OpenCertificate | Refusal> => {
  const managed = readManaged(options, namespace);
  if (managed !== undefined) return "problems" in managed ? managed : (ports) => openManaged(managed, options, ports);
  const { tlsCert, tlsKey } = options;
  if (tlsCert === undefined || tlsKey === undefined) return { problems: [NO_CERTIFICATE] };
  const opened = await openCertificateFiles({ certPath: tlsCert, keyPath: tlsKey });
  return "problem" in opened ? { problems: [opened.problem] } : async () => opened.source;
};

/** Podpass' own namespace: what it is told, else in a pod that of its ServiceAccount. */
const ownNamespace = async ({ namespace, manifests, kubeconfig }: ServeOptions): Promise<string | undefined> => {
  if (namespace !== undefined || manifests !== undefined || kubeconfig !== undefined) return namespace;
  const { mountedNamespace } = await import("../kube/in-cluster.ts");
  return mountedNamespace();
};

/** Everything that must be there before anything is opened that has to be closed again. */
export const openInputs = async (options: ServeOptions): Promise<Inputs | Refusal> => {
  const namespace = await ownNamespace(options);
  const [opened, openCertificate, problem] = await Promise.all([
    openConfiguration({ path: options.config, namespace }),
    certificateFrom(options, namespace),
    accountsProblem(options),
  ]);
  const problems = [
    ...(opened.ok ? [] : [opened.problems]),
    ...("problems" in openCertificate ? openCertificate.problems : []),
    ...(problem === undefined ? [] : [problem]),
    ...driftProblems(options),
    ...podStatusProblems(options),
  ];
  if (problems.length > 0 || !opened.ok || "problems" in openCertificate) return { problems };
  return { configuration: opened.configuration, openCertificate };
};
