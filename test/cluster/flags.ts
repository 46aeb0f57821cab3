/** The command lines of the control plane's programs. */
import { join } from "node:path";
import type { Credentials } from "./credentials.ts";

/** Flags by their names without dashes; a list repeats the flag. */
export type Flags = Readonly<Record<string, string | readonly string[]>>;

/** Where everything of one cluster is. */
export interface Layout {
  readonly directory: string;
  readonly etcdPort: number;
  readonly address: string;
  readonly apiServerPort: number;
  readonly issuer: string;
  readonly credentials: Credentials;
}

/** Renders flags as arguments. */
export const toArguments = (flags: Flags): string[] =>
  Object.entries(flags).flatMap(([name, value]) => [value].flat().map((item) => `--${name}=${item}`));

/** etcd: one member, as fast as a store may be that nobody needs tomorrow. */
export const etcdFlags = ({ directory, etcdPort }: Layout): Flags => ({
  "data-dir": join(directory, "etcd"),
  "listen-client-urls": `http://127.0.0.1:${etcdPort}`,
  "advertise-client-urls": `http://127.0.0.1:${etcdPort}`,
  "listen-peer-urls": "http://127.0.0.1:0",
  "unsafe-no-fsync": "true",
  "log-level": "warn",
});

/** kube-apiserver, with the authorization and admission that nodes meet in a real cluster. */
export const apiServerFlags = ({
  directory,
  etcdPort,
  address,
  apiServerPort,
  issuer,
  credentials,
}: Layout): Flags => ({
  "etcd-servers": `http://127.0.0.1:${etcdPort}`,
  "bind-address": address,
  "advertise-address": address,
  "secure-port": String(apiServerPort),
  "endpoint-reconciler-type": "none",
  "cert-dir": join(directory, "apiserver"),
  "tls-cert-file": credentials.files.servingCert,
  "tls-private-key-file": credentials.files.servingKey,
  "token-auth-file": credentials.files.tokens,
  "authorization-mode": "Node,RBAC",
  "enable-admission-plugins": "NodeRestriction",
  "service-account-issuer": issuer,
  "service-account-jwks-uri": `${issuer}/openid/v1/jwks`,
  "service-account-key-file": credentials.files.signingPublic,
  "service-account-signing-key-file": credentials.files.signingKey,
  "service-cluster-ip-range": "10.0.0.0/24",
  "allow-privileged": "true",
});

/** kube-controller-manager, without the controllers that would mind that no kubelet reports. */
export const controllerManagerFlags = (layout: Layout, kubeconfigPath: string): Flags => ({
  kubeconfig: kubeconfigPath,
  "secure-port": "0",
  "leader-elect": "false",
  "use-service-account-credentials": "true",
  "service-account-private-key-file": layout.credentials.files.signingKey,
  "root-ca-file": layout.credentials.files.ca,
  "kube-api-qps": "200",
  "kube-api-burst": "400",
  controllers: "*,-node-lifecycle-controller,-pod-garbage-collector-controller,-taint-eviction-controller",
});

/** kube-scheduler. */
export const schedulerFlags = (kubeconfigPath: string): Flags => ({
  kubeconfig: kubeconfigPath,
  "secure-port": "0",
  "leader-elect": "false",
});
