/** The commands of `podpass trust` that write a file, pasted. */
import { describe, expect, it } from "vitest";
import { type Asked, commandsIn, paste, printTrust, SHELLS } from "./printed.ts";
import { TRIED } from "./tried.ts";

const ISSUER = "https://oidc.example.com";
const AUDIENCE = 'it\'s;$(touch${IFS}hit)`touch${IFS}hit`\\n%s"\\"*\u{1f511}';
const KEYS = { keys: [{ kty: "RSA", kid: "it's-$(touch hit)-%s\\n", n: "sXch", e: "AQAB" }] };

const CASES: readonly (readonly [string, Asked, Readonly<Record<string, unknown>>])[] = [
  [
    "the keys, for gcloud",
    {
      provider: "gcp",
      account: "production/my-api",
      issuer: ISSUER,
      parameters: {
        "workload-identity-provider": "projects/1/locations/global/workloadIdentityPools/p/providers/x",
        audience: AUDIENCE,
      },
      upload: JSON.stringify(KEYS),
    },
    { "cluster-jwks.json": KEYS },
  ],
  [
    "the role of a pattern, for Vault",
    {
      provider: "vault",
      account: "preview-*/my-api",
      issuer: ISSUER,
      parameters: { role: "my-api" },
      platform: { "token-audience": AUDIENCE, address: "https://vault.example.com" },
    },
    {
      "role.json": {
        role_type: "jwt",
        user_claim: "sub",
        bound_audiences: [AUDIENCE],
        bound_claims_type: "glob",
        bound_claims: { sub: "system:serviceaccount:preview-*:my-api" },
        token_policies: ["<policy>"],
      },
    },
  ],
];

const ran = new Set<string>();

describe.each(SHELLS)("%s writes", (shell) => {
  it.each(CASES)("%s", async (_, asked, expected) => {
    const commands = commandsIn(await printTrust(asked), "printf");
    const { exitCode, stderr, files } = await paste(shell, commands.map(({ text }) => text).join(""));
    const parsed = Object.entries(files).map(([name, text]) => [name, JSON.parse(text)]);
    expect({ exitCode, stderr, files: Object.fromEntries(parsed) }).toEqual({
      exitCode: 0,
      stderr: "",
      files: expected,
    });
    for (const { title } of commands) ran.add(`${asked.provider}: ${title}`);
  });
});

it("has run all that the pages say, and nothing else", () => {
  const said = TRIED.filter(({ tool }) => tool === "shell").flatMap(({ preset, titles }) =>
    titles.map((title) => `${preset}: ${title}`),
  );
  expect([...ran].sort()).toEqual(said.sort());
});
