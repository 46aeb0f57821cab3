/** `podpass trust aws` and `s3-sts`, pasted: AWS' own CLI registers what was printed, whatever the values are. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findPython } from "../python.ts";
import { type Moto, startMoto } from "./moto.ts";
import { type Asked, commandsIn, type Printed, paste, printTrust, SHELLS } from "./printed.ts";
import { aws, MOTO, triedTitles } from "./tried.ts";

const python = await findPython({
  title: "AWS' COMMANDS",
  packages: [`${aws.name}==${aws.version}`, `moto==${MOTO}`, "flask==3.1.3", "flask-cors==6.0.5"],
});

const ISSUER = "https://oidc.example.com/cluster-1";
const PROVIDER_ARN = "arn:aws:iam::123456789012:oidc-provider/oidc.example.com/cluster-1";
const ROLE_ARN = "arn:aws:iam::123456789012:role/my-api";
const SUBJECT = "system:serviceaccount:production:my-api";
const DEFAULT_AUDIENCE = "sts.amazonaws.com";
const plain: Asked = {
  provider: "aws",
  account: "production/my-api",
  issuer: ISSUER,
  parameters: { "role-arn": ROLE_ARN },
};

/** The steps that some test has run to the end, by preset. */
const ran: Record<string, Set<string>> = { aws: new Set(), "s3-sts": new Set() };

const policy = (statement: object) => ({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });

const webIdentity = (arn: string, condition: object) =>
  policy({ Principal: { Federated: arn }, Action: "sts:AssumeRoleWithWebIdentity", Condition: condition });

/** The trust policy of one ServiceAccount. */
const trustPolicy = (audience: string, subject = SUBJECT) =>
  webIdentity(PROVIDER_ARN, {
    StringEquals: { "oidc.example.com/cluster-1:aud": audience, "oidc.example.com/cluster-1:sub": subject },
  });

/** The audience that a trust policy asks for. */
const audienceOf = (trust: unknown): unknown => {
  const { Statement } = trust as { Statement: { Condition: { StringEquals: Record<string, unknown> } }[] };
  const condition = Object.entries(Statement[0]?.Condition.StringEquals ?? {});
  return condition.find(([key]) => key.endsWith(":aud"))?.[1];
};

describe.skipIf(python.kind === "missing")("what is printed, in a shell with the vendor's CLI", () => {
  let moto: Moto;
  beforeAll(async () => {
    if (python.kind === "ready") moto = await startMoto(python.command);
  });
  afterAll(() => moto.stop());
  beforeEach(() => moto.reset());

  /** Pastes all commands at once, as a person may, and expects them to do nothing but their work. */
  const pasteAll = async (shell: string, commands: readonly Printed[], env = moto.env) => {
    const text = commands.map((one) => one.text).join("");
    const { exitCode, stderr, files } = await paste(shell, `set -e\n${text}`, env);
    expect({ exitCode, stderr, files }).toEqual({ exitCode: 0, stderr: "", files: {} });
  };

  const register = async (shell: string, asked: Asked, env = moto.env) => {
    const commands = commandsIn(await printTrust(asked), "aws");
    await pasteAll(shell, commands, env);
    for (const { title } of commands) ran[asked.provider]?.add(title);
    return moto.registered();
  };

  describe.each(SHELLS)("%s", (shell) => {
    it("registers the cluster, and the role for the ServiceAccount alone", async () => {
      expect(await register(shell, plain)).toEqual({
        providers: [{ arn: PROVIDER_ARN, url: "oidc.example.com/cluster-1", clientIds: [DEFAULT_AUDIENCE] }],
        roles: [{ name: "my-api", path: "/", trust: trustPolicy(DEFAULT_AUDIENCE), policies: {} }],
      });
    });

    it("lets the role assume the target role, and the target role be assumed by it alone", async () => {
      const target = "arn:aws:iam::210987654321:role/far/their-role";
      const asked = { ...plain, parameters: { "role-arn": ROLE_ARN, "target-role-arn": target } };
      expect((await register(shell, asked)).roles).toEqual([
        {
          name: "my-api",
          path: "/",
          trust: trustPolicy(DEFAULT_AUDIENCE),
          policies: { "assume-target-role": policy({ Action: "sts:AssumeRole", Resource: target }) },
        },
        {
          name: "their-role",
          path: "/far/",
          trust: policy({ Principal: { AWS: ROLE_ARN }, Action: "sts:AssumeRole" }),
          policies: {},
        },
      ]);
    });

    it("registers a pattern as one", async () => {
      const account = "preview-*/*-api";
      const { roles } = await register(shell, { ...plain, account });
      const condition = {
        StringEquals: { "oidc.example.com/cluster-1:aud": DEFAULT_AUDIENCE },
        StringLike: { "oidc.example.com/cluster-1:sub": "system:serviceaccount:preview-*:*-api" },
      };
      expect(roles).toEqual([{ name: "my-api", path: "/", trust: webIdentity(PROVIDER_ARN, condition), policies: {} }]);
    });

    it("registers at a store, and nowhere else", async () => {
      const store: Asked = {
        provider: "s3-sts",
        account: "production/my-api",
        issuer: ISSUER,
        parameters: { "role-arn": "arn:aws:iam::RGW33567154695143645:role/team/x/my-api" },
        platform: { "token-audience": "it's;`$(>hit)`*", "sts-endpoint": moto.url },
      };
      // Nobody listens there: the commands name the store themselves.
      const { providers, roles } = await register(shell, store, {
        ...moto.env,
        AWS_ENDPOINT_URL: "http://127.0.0.1:1",
      });
      const condition = {
        StringEquals: {
          "oidc.example.com/cluster-1:aud": "it's;`$(>hit)`*",
          "oidc.example.com/cluster-1:sub": SUBJECT,
        },
      };
      expect(providers).toMatchObject([{ url: "oidc.example.com/cluster-1", clientIds: ["it's;`$(>hit)`*"] }]);
      expect(roles).toMatchObject([
        {
          name: "my-api",
          path: "/team/x/",
          trust: webIdentity("arn:aws:iam::RGW33567154695143645:oidc-provider/oidc.example.com/cluster-1", condition),
        },
      ]);
    });
  });

  // Two have all that a shell or a format may act on anywhere; of the others the beginning or the end matters.
  const HOSTILE: readonly string[] = [
    [
      "$(touch hit) `touch hit`",
      "'; touch hit; '",
      '"; touch hit; "',
      "'$(touch hit)'\\''`touch hit`",
      "\\'; touch hit #",
      "& touch hit & | tee hit > hit < hit",
      "$HOME $$ $? !! !touch ~ %n %0a%24%28touch%20hit%29",
    ].join(" "),
    `* ? [a-z] {a,b} /etc/* \\"\\u0041\\n\\ $ {issuer}$subject \u202e\u200b\u2028\u2029\ufeff über – 監査 🔑 e\u0301 `.padEnd(
      255,
      "a",
    ),
    " '$(touch hit)'  ends in\\ ",
    "--endpoint-url=http://127.0.0.1:1",
    "@/etc/passwd",
    "file:///etc/passwd",
    "https://127.0.0.1:1/a?b=c#d",
    '{"a":["b"]}',
  ];

  it.each(SHELLS)("%s: takes every audience as it is", { timeout: 240_000 }, async (shell) => {
    const asked = HOSTILE.map((audience, index): Asked => {
      const issuer = `https://oidc.example.com/${index}`;
      const parameters = { "role-arn": `arn:aws:iam::123456789012:role/${index}/role-${index}`, audience };
      return { ...plain, issuer, account: index % 2 === 0 ? "production/my-api" : "preview-*/my-api", parameters };
    });
    const printed = await Promise.all(asked.map(async (one) => commandsIn(await printTrust(one), "aws")));
    await pasteAll(shell, printed.flat());
    const { providers, roles } = await moto.registered();
    expect(Object.fromEntries(providers.map(({ url, clientIds }) => [url, clientIds]))).toEqual(
      Object.fromEntries(HOSTILE.map((audience, index) => [`oidc.example.com/${index}`, [audience]])),
    );
    const audiences = roles.map(({ name, path, trust }) => [name, path, audienceOf(trust)]);
    expect(audiences.sort()).toEqual(
      HOSTILE.map((audience, index) => [`role-${index}`, `/${index}/`, audience]).sort(),
    );
  });

  it.each(SHELLS)("%s: takes the longest names, and a role's name with every character", async (shell) => {
    const parameters = { "role-arn": "arn:aws:iam::123456789012:role/a/=@+.-/x/Role_x+=.@-1" };
    const account = `${"n".repeat(63)}/${"a.b-".repeat(63)}c`;
    const { roles } = await register(shell, { ...plain, account, parameters });
    const subject = `system:serviceaccount:${account.replace("/", ":")}`;
    const name = "Role_x+=.@-1";
    expect(roles).toEqual([{ name, path: "/a/=@+.-/x/", trust: trustPolicy(DEFAULT_AUDIENCE, subject), policies: {} }]);
  });

  it.each([
    ["an issuer with a shell's characters", { ...plain, issuer: "https://oidc.example.com/$(touch,hit)/`touch`/'&;*" }],
    ["a role that is an option", { ...plain, parameters: { "role-arn": "arn:aws:iam::123456789012:role/--debug" } }],
    [
      "a variable of policies",
      { ...plain, parameters: { ...plain.parameters, audience: "${oidc.example.com/c:aud}" } },
    ],
    ["a path that is no path", { ...plain, parameters: { "role-arn": "arn:aws:iam::123456789012:role/a,b/c,d" } }],
  ])("%s is in no command as a word of its own", async (_, asked) => {
    const shown = await printTrust(asked);
    expect(shown).toContain("Not printed: ");
    expect(commandsIn(shown, "aws")).toHaveLength(1);
  });

  it("has run all that the pages say, and nothing else", () => {
    for (const [preset, titles] of Object.entries(ran))
      expect([...titles].sort()).toEqual([...triedTitles(preset)].sort());
  });
});
