/** What an issuer's address says about it. */

const PRIVATE_ADDRESS =
  /^(0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.)/;

const isPrivateHost = (host: string): boolean => {
  if (host.startsWith("[")) return /^\[(::1?\]|f[cd]|fe[89ab])/.test(host);
  if (/^[0-9.]+$/.test(host)) return PRIVATE_ADDRESS.test(host);
  // One label, or a name that no public DNS has (RFC 6761, RFC 6762, RFC 8375, and `internal` by ICANN).
  return !host.includes(".") || /\.(svc|local|internal|localhost|test|invalid|home\.arpa|lan)$/.test(host);
};

const parseUrl = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

/** Is `url` one that nobody outside the cluster's own network can reach? Of the others only a request could tell. */
export const isPrivateUrl = (url: string): boolean => {
  const parsed = parseUrl(url);
  if (parsed === undefined || parsed.protocol !== "https:") return true;
  return isPrivateHost(parsed.hostname.replace(/\.$/, ""));
};

/** An issuer without its scheme, byte for byte: what AWS calls the provider. */
export const hostPath = (issuer: string): string => issuer.replace(/^[a-z]+:\/\//, "");

/** Why `issuer` cannot be an issuer, or undefined. Kubernetes and OpenID Connect Discovery 1.0 section 3 agree on it. */
export const issuerProblem = (issuer: string): string | undefined => {
  const parsed = /^https:\/\/[\x21-\x7e]+$/.test(issuer) ? parseUrl(issuer) : undefined;
  if (parsed === undefined || parsed.search !== "" || parsed.hash !== "" || parsed.username !== "")
    return "an issuer is an https:// address without a query, a fragment or credentials";
  return undefined;
};
