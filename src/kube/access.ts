/** What a request needs to reach an API server and to be let in. */

/** Read at one moment. */
export interface Access {
  /** `https:`; a path stays in front of every request's own. */
  readonly server: URL;
  /** PEM. Undefined: the authorities that Node trusts. */
  readonly ca: string | undefined;
  /** A client certificate, PEM. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The name in the serving certificate, where it is not the server's host. */
  readonly serverName?: string | undefined;
  /** The value of the Authorization header. */
  readonly authorization: string | undefined;
}

/** Where access comes from, as a port. */
export interface AccessSource {
  /**
   * Reads it anew. `wasRefused`: the API server did not take what was read last, so that nothing of it may be kept.
   * Rejects with a sentence for people.
   */
  read(wasRefused: boolean): Promise<Access>;
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);

/** Reads a server's URL; throws where requests to it would not be protected. */
export const readServer = (text: string): URL => {
  const url = URL.parse(text);
  if (url === null) throw new Error(`the API server's address is ${JSON.stringify(text)}, which is not a URL`);
  // `kubectl proxy` listens like this.
  if (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname))) return url;
  throw new Error(`the API server's address is ${JSON.stringify(text)}; allowed: https, and http on the loopback`);
};

/** Do both stand for the same server and the same TLS identity, so that they can share connections? */
export const sharesConnections = (a: Access, b: Access): boolean =>
  a.server.href === b.server.href &&
  a.ca === b.ca &&
  a.cert === b.cert &&
  a.key === b.key &&
  a.serverName === b.serverName;
