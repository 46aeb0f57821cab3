/** What `podpass serve` needs before it opens anything: configuration, certificate, and where the ServiceAccounts are. */
import { type LiveConfiguration, openConfiguration } from "../files/configuration-file.ts";
import { openCertificateFiles } from "../tls/files.ts";
import type { CertificateSource } from "../tls/source.ts";
import { accountsProblem } from "./open-accounts.ts";
import type { ServeOptions } from "./serve-options.ts";

/** Why nothing is served: sentences for the person who started it. */
export interface Refusal {
  readonly problems: readonly string[];
}

const NO_CERTIFICATE = `podpass serve needs a serving certificate: --tls-cert FILE and --tls-key FILE, both PEM.
One for a try-out on this machine:
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \\
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout tls.key -out tls.crt`;

const openCertificate = async ({ tlsCert, tlsKey }: ServeOptions): Promise<CertificateSource | Refusal> => {
  if (tlsCert === undefined || tlsKey === undefined) return { problems: [NO_CERTIFICATE] };
  const opened = await openCertificateFiles({ certPath: tlsCert, keyPath: tlsKey });
  return "problem" in opened ? { problems: [opened.problem] } : opened.source;
};

/** Everything that must be there before anything is opened that has to be closed again. */
export const openInputs = async (
  options: ServeOptions,
): Promise<{ readonly configuration: LiveConfiguration; readonly certificate: CertificateSource } | Refusal> => {
  const { config: path, namespace } = options;
  const [opened, certificate, problem] = await Promise.all([
    openConfiguration({ path, namespace }),
    openCertificate(options),
    accountsProblem(options),
  ]);
  const problems = [
    ...(opened.ok ? [] : [opened.problems]),
    ...("problems" in certificate ? certificate.problems : []),
    ...(problem === undefined ? [] : [problem]),
  ];
  if (problems.length > 0 || !opened.ok || "problems" in certificate) return { problems };
  return { configuration: opened.configuration, certificate };
};
