/** `podpass trust conjur`, pasted: Conjur's own CLI stores and loads what was printed, whatever the values are. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parse, type ScalarTag } from "yaml";
import { createAuthority } from "../../../scripts/certificates.ts";
import { type Handle, type Listener, listen } from "../../cluster/relying-parties/listen.ts";
import { findPython } from "../python.ts";
import { type Asked, commandsIn, paste, printTrust, programsIn, SHELLS } from "./printed.ts";
import { conjur, triedTitles } from "./tried.ts";

// It depends on all that its authors build and test it with, which its commands never load, and on one package that it does not name.
const python = await findPython({
  title: "CONJUR'S COMMANDS",
  alone: [`${conjur.name}==${conjur.version}`],
  packages: [
    "aiohttp==3.14.5",
    "async-timeout==5.0.1",
    "keyring==25.7.0",
    "PyYAML==6.0.4",
    "pyOpenSSL==26.4.0",
    "urllib3==2.8.0",
  ],
});

const ISSUER = "https://oidc.example.com/cluster-1";
const JWKS_URI = `${ISSUER}/openid/v1/jwks`;
const KEYS = { keys: [{ kty: "RSA", kid: "it's-$(touch hit)-%s\\n --x @y\"", n: "sXch", e: "AQAB" }] };

/** Every character that may stand in a word. */
const PLAIN_AUDIENCE = "https://A0.z:1/a+b=~c%20<d>*@e-_";

/** What a shell or the CLI would take for something else. */
const STRANGE_AUDIENCES = [
  "'$(touch${IFS}hit)`touch${IFS}hit`;&|\"\\",
  "--debug",
  "-i",
  "@/etc/passwd",
  "file:///x",
  "a,b",
];

const asking = (audience: string, more: Partial<Asked> = {}, serviceId = "k8s/cluster-1.x_y"): Asked => ({
  provider: "conjur",
  account: "production/my-api",
  issuer: ISSUER,
  parameters: {},
  platform: {
    "appliance-url": "https://conjur.example.com",
    account: "my-org",
    "service-id": serviceId,
    "token-audience": audience,
  },
  ...more,
});

/** The variables that were set, by name. */
const stored = new Map<string, string>();
/** The policies that were loaded, by branch. */
const loaded = new Map<string, string>();

/** A record of a policy that is named and no more: `!group id`. */
const record = (kind: string): ScalarTag => ({ tag: `!${kind}`, resolve: (id: string) => `${kind}:${id}` });
/** A record of a policy with fields. */
const fields = (kind: string) => ({ tag: `!${kind}`, collection: "map" }) as const;
const customTags = [record("host"), record("group"), fields("host"), fields("grant")];

const accessToken = JSON.stringify({ protected: "e30=", payload: "e30=", signature: "c2ln" });
const authorization = `Token token="${Buffer.from(accessToken).toString("base64")}"`;

/** Conjur, as far as a person who has logged in, sets variables and loads a policy meets it. */
const server: Handle = async ({ method, path, headers, body }) => {
  const request = `${method} ${path}`;
  if (request === "POST /authn/my-org/admin/authenticate" && body.toString() === "key")
    return { status: 200, body: accessToken };
  const [, branch] = /^POST \/policies\/my-org\/policy\/([^/]+)$/u.exec(request) ?? [];
  const [, variable] = /^POST \/secrets\/my-org\/variable\/([^/]+)$/u.exec(request) ?? [];
  if (branch === undefined && variable === undefined) return undefined;
  if (headers.authorization !== authorization) return { status: 401, body: "" };
  if (branch !== undefined) {
    loaded.set(branch, body.toString());
    return { status: 201, body: JSON.stringify({ created_roles: {}, version: 1 }) };
  }
  stored.set(decodeURIComponent(variable ?? ""), body.toString());
  return { status: 201, body: "" };
};

const ran = new Set<string>();

describe.skipIf(python.kind === "missing")("what is printed, in a shell with the vendor's CLI", () => {
  const home = mkdtempSync(join(tmpdir(), "podpass-conjur-"));
  let programs = "";
  let vendor: Listener;
  beforeAll(async () => {
    const authority = await createAuthority("podpass test vendor");
    vendor = await listen([server], { tls: await authority.issue() });
    writeFileSync(join(home, "ca.pem"), authority.ca);
    // What `conjur init` and `conjur login` leave there.
    const config = { conjur_url: vendor.url, conjur_account: "my-org", cert_file: join(home, "ca.pem") };
    writeFileSync(join(home, ".conjurrc"), JSON.stringify(config));
    writeFileSync(join(home, ".netrc"), `machine ${vendor.url}\nlogin admin\npassword key\n`, { mode: 0o600 });
    if (python.kind === "ready") programs = await programsIn(python.command, { conjur: ["-m", "conjur"] });
  });
  afterAll(async () => {
    await vendor.stop();
    for (const folder of [programs, home]) rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    stored.clear();
    loaded.clear();
  });
  const env = () => ({ PATH: `${programs}:/usr/bin:/bin`, HOME: home });

  /** Pastes all commands at once, as a person may, and expects them to do nothing but their work. */
  const store = async (shell: string, asked: Asked) => {
    const commands = commandsIn(await printTrust(asked), "conjur");
    // Nobody has asked the cluster where its keys are.
    const text = commands.map((one) => one.text.replace("<jwks-uri>", JWKS_URI)).join("");
    const { exitCode, stderr, files } = await paste(shell, `set -e\n${text}`, env());
    expect({ exitCode, stderr, files }).toEqual({ exitCode: 0, stderr: "", files: {} });
    for (const { title } of commands) ran.add(title);
    return Object.fromEntries(stored);
  };

  const of = (name: string): string => `conjur/authn-jwt/k8s/cluster-1.x_y/${name}`;

  describe.each(SHELLS)("%s", (shell) => {
    it("says where the keys are, and names issuer and audience", async () =>
      expect(await store(shell, asking(PLAIN_AUDIENCE))).toEqual({
        [of("jwks-uri")]: JWKS_URI,
        [of("issuer")]: ISSUER,
        [of("audience")]: PLAIN_AUDIENCE,
      }));

    it("hands over the keys", async () => {
      const variables = await store(shell, asking("conjur", { upload: JSON.stringify(KEYS) }));
      expect(JSON.parse(variables[of("public-keys")] ?? "{}")).toEqual({ type: "jwks", value: KEYS });
      expect(Object.keys(variables).sort()).toEqual(["audience", "issuer", "public-keys"].map(of));
    });
  });

  it("loads the host, and lets it authenticate", async () => {
    const asked = asking("conjur", { parameters: { "host-id": "host/k8s/a_b:c.d/my-api" } });
    const { steps } = JSON.parse(await printTrust(asked, "json"));
    const { title, place, text } = steps.find(({ kind }: { kind: string }) => kind === "statement");
    const [, command = ""] = /(conjur policy load .*) FILE$/u.exec(place) ?? [];
    writeFileSync(join(home, "policy.yaml"), text);
    const { exitCode, stderr } = await paste("dash", `${command} ${join(home, "policy.yaml")}`, env());
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect([...loaded.keys()]).toEqual(["root"]);
    expect(parse(loaded.get("root") ?? "", { customTags })).toEqual([
      {
        id: "k8s/a_b:c.d/my-api",
        annotations: { "authn-jwt/k8s/cluster-1.x_y/sub": "system:serviceaccount:production:my-api" },
      },
      { role: "group:conjur/authn-jwt/k8s/cluster-1.x_y/apps", member: "host:k8s/a_b:c.d/my-api" },
    ]);
    ran.add(title);
  });

  it.each(STRANGE_AUDIENCES)("the audience %j is in no command", async (audience) => {
    const shown = await printTrust(asking(audience));
    expect(shown).toContain("Not printed: ");
    expect(commandsIn(shown, "conjur").map(({ title }) => title)).not.toContain("Name the audience.");
  });

  it("an authenticator that is called like an option is in no command", async () =>
    expect(commandsIn(await printTrust(asking("conjur", {}, "--debug/-v")), "conjur")).toEqual([]));

  it("has run all that the pages say, and nothing else", () => {
    expect([...ran].sort()).toEqual([...triedTitles("conjur")].sort());
  });
});
