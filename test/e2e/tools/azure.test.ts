/** `podpass trust azure` and `azure-terraform`, pasted: azure-cli reads what was printed, whatever the values are. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findPython } from "../python.ts";
import { type Asked, commandsIn, paste, printTrust, programsIn, SHELLS } from "./printed.ts";
import { azure, triedTitles } from "./tried.ts";

// The whole CLI depends on a package for each of Azure's services: hundreds of megabytes that these commands never load.
const python = await findPython({
  title: "AZURE'S COMMANDS",
  alone: [`${azure.name}==${azure.version}`],
  packages: [`azure-cli-core==${azure.version}`, "azure-mgmt-msi==7.1.0", "msrest==0.7.1", "python-dateutil==4.0.0"],
});

const ISSUER = "https://oidc.example.com/cluster-1";
const SUBJECT = "system:serviceaccount:production:my-api";
const CLIENT = "11111111-2222-3333-4444-555555555555";
const AUDIENCE = "api://AzureADTokenExchange";
const ids = { "client-id": CLIENT, "tenant-id": "66666666-7777-8888-9999-000000000000" };
const plain: Asked = { provider: "azure", account: "production/my-api", issuer: ISSUER, parameters: ids };

/** The name that is proposed for the credential: the ServiceAccount's, and a digest. */
const NAME = expect.stringMatching(/^production-my-api-[0-9a-f]{12}$/u);

const application = (audience: string) => ({
  command: "ad app federated-credential create",
  app_identifier: CLIENT,
  parameters: { name: NAME, issuer: ISSUER, subject: SUBJECT, audiences: [audience] },
});

const managedIdentity = {
  command: "identity federated-credential create",
  name: NAME,
  identity_name: "<identity-name>",
  resource_group: "<resource-group>",
  issuer: ISSUER,
  subject: SUBJECT,
  audiences: [AUDIENCE],
};

/** Audiences that the command of a managed identity cannot have, since the CLI or the service would read them otherwise. */
const HOSTILE = [
  "'; touch hit; '$(touch hit)`touch hit`\\' & touch hit \"\\\" ${HOME} * {a,b} \u{1f511} \u202e \\n%s",
  "@/etc/passwd",
  "--debug",
  "a b,c=d",
];

/** The steps that some test has run to the end, by preset. */
const ran: Record<string, Set<string>> = { azure: new Set(), "azure-terraform": new Set() };

describe.skipIf(python.kind === "missing").each(SHELLS)("what is printed, in %s with the vendor's CLI", (shell) => {
  let programs = "";
  const home = mkdtempSync(join(tmpdir(), "podpass-azure-"));
  beforeAll(async () => {
    const script = join(import.meta.dirname, "az.py");
    if (python.kind === "ready") programs = await programsIn(python.command, { az: [script] });
  });
  afterAll(() => {
    for (const folder of [programs, home]) rmSync(folder, { recursive: true, force: true });
  });

  /** What the CLI would work with, command by command. */
  const read = async (asked: Asked): Promise<readonly unknown[]> => {
    const commands = commandsIn(await printTrust(asked), "az");
    const env = { PATH: `${programs}:/usr/bin:/bin`, AZURE_CONFIG_DIR: home, AZURE_CORE_COLLECT_TELEMETRY: "false" };
    const text = commands.map((one) => one.text).join("");
    const { exitCode, stdout, stderr, files } = await paste(shell, `set -e\n${text}`, env);
    expect({ exitCode, stderr, files }).toEqual({ exitCode: 0, stderr: "", files: {} });
    for (const { title } of commands) ran[asked.provider]?.add(title);
    return stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  };

  it("azure", async () => expect(await read(plain)).toEqual([managedIdentity, application(AUDIENCE)]));

  it("azure-terraform", async () => {
    const asked = { ...plain, provider: "azure-terraform" };
    expect(await read(asked)).toEqual([application(AUDIENCE), managedIdentity]);
  });

  it.each(["azure", "azure-terraform"])("%s, for a pattern", async (provider) => {
    const [request, ...others] = await read({ ...plain, provider, account: "preview-*/my-api" });
    expect(others).toEqual([]);
    const { body, ...rest } = request as { body: string };
    expect(rest).toEqual({
      command: "rest",
      method: "post",
      url: `https://graph.microsoft.com/beta/applications(appId='${CLIENT}')/federatedIdentityCredentials`,
    });
    expect(JSON.parse(body)).toEqual({
      name: expect.stringMatching(/^preview-my-api-[0-9a-f]{12}$/u),
      issuer: ISSUER,
      claimsMatchingExpression: {
        value: "claims['sub'] matches 'system:serviceaccount:preview-*:my-api'",
        languageVersion: 1,
      },
      audiences: [AUDIENCE],
    });
  });

  it.each(HOSTILE)("takes the audience %j as it is", async (audience) =>
    expect(await read({ ...plain, parameters: { ...ids, audience } })).toEqual([application(audience)]),
  );

  it("has run all that the pages say, and nothing else", () => {
    for (const [preset, titles] of Object.entries(ran))
      expect([...titles].sort()).toEqual([...triedTitles(preset)].sort());
  });
});
