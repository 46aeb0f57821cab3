import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { createAuthority } from "../../../scripts/certificates.ts";
import { temporaryFolder } from "../../support/folder.ts";

const SOURCE = new URL("../../../src/cli/check/fetch-issuer.ts", import.meta.url).href;
const KEYS = { keys: [{ kty: "RSA", kid: "key-1" }] };

type Pages = (issuer: string) => Readonly<Record<string, unknown>>;

const published: Pages = (issuer) => ({
  "/.well-known/openid-configuration": { issuer, jwks_uri: `${issuer}/keys` },
  "/keys": KEYS,
});

/** An issuer that publishes `pages`, asked by a process that trusts its certificate: `fetch` takes no CA of its own. */
const fetched = async (pages: Pages): Promise<unknown> => {
  const authority = await createAuthority();
  const server = createServer(await authority.issue(), (request, response) => {
    const body = pages(issuer)[request.url ?? ""];
    if (body === undefined) response.writeHead(302, { location: "https://localhost/" }).end();
    else response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ca = join(temporaryFolder(), "ca.crt");
  writeFileSync(ca, authority.ca);
  const script = `import { fetchIssuer } from ${JSON.stringify(SOURCE)};
    console.log(JSON.stringify(await fetchIssuer(${JSON.stringify({ issuer })}, ${JSON.stringify(KEYS)})));`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: ca },
  });
  return JSON.parse(await text(child.stdout));
};

describe("an issuer's documents, fetched as a provider fetches them", () => {
  it.each<[string, Pages, unknown]>([
    ["the cluster's own", published, { kind: "same" }],
    [
      "of another issuer",
      (issuer) => ({
        ...published(issuer),
        "/.well-known/openid-configuration": { issuer: "https://x", jwks_uri: "" },
      }),
      { kind: "problem", message: 'the document there is of the issuer "https://x"' },
    ],
    [
      "with older keys",
      (issuer) => ({ ...published(issuer), "/keys": { keys: [{ kid: "key-0" }] } }),
      {
        kind: "different",
        message: "the keys there lack 1 of the cluster's and have 1 that the cluster has not, or no longer",
      },
    ],
    [
      "with a key more",
      (issuer) => ({ ...published(issuer), "/keys": { keys: [...KEYS.keys, { kty: "RSA", kid: "key-0" }] } }),
      { kind: "different", message: "the keys there have 1 that the cluster has not, or no longer" },
    ],
    [
      "with another key under the same ID",
      (issuer) => ({ ...published(issuer), "/keys": { keys: [{ kty: "RSA", kid: "key-1", n: "other" }] } }),
      { kind: "different", message: expect.stringContaining("lack 1 of the cluster's") },
    ],
    [
      "that are no JSON",
      (issuer) => ({ ...published(issuer), "/keys": "<html>" }),
      { kind: "problem", message: expect.stringContaining("/keys is no JSON") },
    ],
    ["behind a redirect", () => ({}), { kind: "problem", message: expect.stringContaining("redirect") }],
    [
      "without an end",
      (issuer) => ({ ...published(issuer), "/keys": "x".repeat(2_000_000) }),
      { kind: "problem", message: expect.stringContaining("longer than") },
    ],
  ])("%s", async (_, pages, expected) => {
    expect(await fetched(pages)).toEqual(expected);
  });
});
