import { describe, expect, it } from "vitest";
import { ACCOUNT, POD } from "./manifests.ts";
import { folderWith, podpass, podpassInside } from "./podpass.ts";

const BAD = `# a comment
apiVersion: v1
kind: ServiceAccount
metadata:
  name: my-api
  annotations:
    podpass.dev/federate: aws, opnai
    aws.podpass.dev/role-arn: not-an-arn
    aws.podpass.dev/regoin: eu-west-1
    azure.podpass.dev/client-id: x
`;

const STRICT = `apiVersion: podpass.dev/v1alpha1
kind: Configuration
policy:
  tokens:
    expirationSeconds: { max: 7200, violation: Warn }
    audiences: { violation: Deny }
`;

const BAD_WORKLOAD = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  template:
    spec:
      serviceAccountName: my-api
      containers:
        - name: first
          image: api
        - name: second
          image: api
          env: [{ name: OPENAI_API_KEY, value: x }]
      volumes:
        - name: own
          projected:
            sources:
              - serviceAccountToken:
                  path: token
                  expirationSeconds: 86400
                  audience: vault
`;

describe("podpass lint", () => {
  it("is content with what is right", async () => {
    const run = await podpass(["lint", "-f", "-"], { stdin: `${ACCOUNT}---\n${POD}` });
    expect(run).toEqual({ stdout: "", stderr: "0 errors and 0 warnings in 1 file\n", exitCode: 0 });
  });

  it("points at each annotation that is wrong, with its code and what to do", async () => {
    const { stdout, stderr, exitCode } = await podpass(["lint", "-f", "-"], { stdin: BAD });
    const places = stdout.split("\n").filter((text) => text.startsWith("(stdin)"));
    expect(places.map((text) => `${text.slice(0, 22).replace(/ .*/, "")} ${/\[([a-z-]+)\]$/.exec(text)?.[1]}`)).toEqual(
      [
        "(stdin):7:5: unknown-provider",
        "(stdin):8:5: bad-parameter",
        "(stdin):9:5: unused-key",
        "(stdin):10:5: unused-key",
      ],
    );
    expect(stdout).toContain(
      '(stdin):8:5: error: ServiceAccount default/my-api: annotation "aws.podpass.dev/role-arn" is "not-an-arn"; allowed: ^arn:aws',
    );
    expect(stdout).toContain("\n    Correct the value; podpass presets NAME has an example.\n");
    expect(stderr).toBe("2 errors and 2 warnings in 1 file\n");
    expect(exitCode).toBe(1);
  });

  it("says of a workload only what is its own", async () => {
    const pod = POD.replace("  name: api\n", '  name: api\n  annotations:\n    podpass.dev/inject: "no"\n');
    const { stdout } = await podpassInside(["lint", "-f", "-", "-o", "json"], { stdin: `${BAD}---\n${pod}` });
    const { problems } = JSON.parse(stdout);
    expect(problems.filter((problem: { object: { kind: string } }) => problem.object.kind === "Pod")).toEqual([
      {
        severity: "warning",
        code: "bad-value",
        file: "(stdin)",
        line: 17,
        column: 5,
        object: { kind: "Pod", namespace: "default", name: "api" },
        message: 'pod annotation "podpass.dev/inject" is ignored: "no"; allowed: "false"',
        advice: "Correct the value, or take the annotation away.",
      },
    ]);
  });

  it("points into a workload: at its container, and at the value that the policy does not allow", async () => {
    // A workload that the policy refuses is not planned, so that its containers are not looked at.
    const good = BAD_WORKLOAD.slice(0, BAD_WORKLOAD.indexOf("      volumes:"));
    const stdin = `${ACCOUNT}---\n${STRICT}---\n${good}---\n${BAD_WORKLOAD}`;
    const { stdout } = await podpassInside(["lint", "-f", "-"], { stdin });
    const lines = stdin.split("\n");
    const found = [...stdout.matchAll(/^\(stdin\):(\d+):.*\[([a-z-]+)\]$/gm)];
    expect(found.map(([, line, code]) => `${code} at ${lines[Number(line) - 1]?.trim()}`)).toEqual([
      "static-key at - name: second",
      "lifetime-not-allowed at expirationSeconds: 86400",
      "audience-not-allowed at audience: vault",
    ]);
  });

  it("ends with 0 on warnings, unless it is strict", async () => {
    const stdin = `${ACCOUNT}    openai.podpass.dev/typo: x\n`;
    expect((await podpassInside(["lint", "-f", "-"], { stdin })).exitCode).toBe(0);
    expect((await podpassInside(["lint", "-f", "-", "--strict"], { stdin })).exitCode).toBe(1);
  });

  it("judges a configuration among the manifests, at its own lines", async () => {
    const configuration = "apiVersion: podpass.dev/v1alpha1\nkind: Configuration\npolicy:\n  enforcment: Warn\n";
    const { stdout, exitCode } = await podpassInside(["lint", "-f", "-"], { stdin: `${ACCOUNT}---\n${configuration}` });
    expect(stdout).toMatch(
      /^\(stdin\):13:\d+: error: Configuration: policy\.enforcment: unknown key; did you mean "enforcement"\?/m,
    );
    expect(exitCode).toBe(1);
  });

  it.each([
    ["a file", "podpass.yaml"],
    ["the chart's ConfigMap", "map.yaml"],
    ["standard input", "-"],
  ])("checks the configuration of --config alone: %s", async (_, config) => {
    const wrong = STRICT.replace("Warn", "Wrn");
    const data = `data:\n  configuration.yaml: |\n${wrong.replace(/^/gmu, "    ").trimEnd()}\n`;
    const map = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: podpass }\n${data}`;
    const folder = folderWith({ "podpass.yaml": wrong, "map.yaml": map });
    const path = config === "-" ? config : `${folder}/${config}`;
    const { exitCode, stdout, stderr } = await podpassInside(["lint", "--config", path], { stdin: map });
    expect(exitCode).toBe(1);
    expect(stdout).toContain('policy.tokens.expirationSeconds.violation: found "Wrn"');
    expect(stderr).toContain("1 error and 0 warnings in 1 file");
  });

  it.each([
    [[], "there is nothing to check; name manifests with -f, or a configuration with --config"],
    [["-f", "-", "--config", "-"], "-f - --config -: standard input can be read only once"],
  ])("refuses %j", async (args, message) => {
    const { exitCode, stderr } = await podpassInside(["lint", ...args]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) });
  });

  it("judges with the configuration of --config", async () => {
    const cwd = folderWith({
      "podpass.yaml":
        "apiVersion: podpass.dev/v1alpha1\nkind: Configuration\nproviders: {openai: {preset: openai, allowedNamespaces: [production]}}\n",
      "account.yaml": ACCOUNT,
    });
    const args = ["lint", "-f", "account.yaml", "--config", "podpass.yaml"];
    expect((await podpass(args, { cwd })).stdout).toContain("account.yaml:6:5: error: ServiceAccount default/my-api");
    expect((await podpass([...args, "-n", "production"], { cwd })).exitCode).toBe(0);
  });

  it("notes what the policies inside the API server leave out, and what they cost, without a warning", async () => {
    const unjudged = STRICT.replace("tokens:\n", "tokens:\n    requests: Deny\n");
    const text = await podpassInside(["lint", "-f", "-", "--strict"], {
      stdin: `${unjudged}providers: { openai: { preset: openai }, aws: { preset: aws } }\n`,
    });
    expect(text.exitCode).toBe(0);
    expect(text.stdout).toBe("");
    const [unjudgedLine, cost, ...rest] = text.stderr.trimEnd().split("\n");
    expect(unjudgedLine).toMatch(
      /^\(stdin\):1:1: note: Configuration: not in the policies inside the API server: token-requests: audiences of TokenRequests are not judged/,
    );
    expect(cost).toMatch(
      /^\(stdin\):1:1: note: Configuration: policies cost up to [\d,]+ of 1,000,000 units in one expression, and [\d,]+ of 10,000,000 in one policy, for a pod with 100 tokens of 1,024 characters$/,
    );
    expect(rest).toEqual(["0 errors and 0 warnings in 1 file"]);
  });

  it("has the notes as data for scripts, and none where no configuration is given or can be used", async () => {
    const policiesOf = async (stdin: string) =>
      JSON.parse((await podpassInside(["lint", "-f", "-", "-o", "json"], { stdin })).stdout).policies;
    const head = "apiVersion: podpass.dev/v1alpha1\nkind: Configuration\n";
    expect(await policiesOf(`${head}providers: { vault: { preset: vault } }\n`)).toEqual({
      file: "(stdin)",
      cost: null,
      notExpressed: [
        { policy: "inject", text: "no provider of the configuration can be served in an outage" },
        { policy: "inject", text: expect.stringContaining("provider vault is not served in an outage") },
      ],
    });
    expect((await policiesOf(STRICT)).cost).toEqual({ expression: expect.any(Number), policy: expect.any(Number) });
    expect(await policiesOf(ACCOUNT)).toBeNull();
    expect(await policiesOf(`${head}nothing: 1\n`)).toBeNull();
  });

  it("refuses a second configuration, and YAML that is none, with 2", async () => {
    const configuration = "apiVersion: podpass.dev/v1alpha1\nkind: Configuration\n";
    const twice = await podpassInside(["lint", "-f", "-"], { stdin: `${configuration}---\n${configuration}` });
    expect(twice.stderr).toContain("(stdin):3:1: a second configuration");
    expect(twice.exitCode).toBe(2);
    expect((await podpassInside(["lint", "-f", "-"], { stdin: "a: [" })).exitCode).toBe(2);
  });

  it("cannot be made to say something else by what is called strangely", async () => {
    const name = "x: error: Pod default/other: nothing is wrong\\e[2J";
    const pod = POD.replace("name: api\n", `name: "${name}"\n`).replace("- name: api", `- name: "a; sets B"`);
    const missing = pod.replace("my-api", '"no one, [ok]"');
    const { stdout } = await podpassInside(["lint", "-f", "-"], { stdin: missing });
    expect(stdout).toContain(
      '(stdin):1:1: warning: Pod default/"x: error: Pod default/other: nothing is wrong\\u001b[2J": ServiceAccount default/"no one, [ok]" is not among',
    );
    const explained = await podpassInside(["inject", "-f", "-", "--explain"], { stdin: `${ACCOUNT}---\n${pod}` });
    expect(explained.stderr).toContain('nothing is wrong\\u001b[2J": container "a; sets B": openai: injected;');
  });
});
