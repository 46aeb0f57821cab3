import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folderWith, podpass, podpassInside } from "./podpass.ts";

const ROLE = "arn:aws:iam::123456789012:role/reports";

const ACCOUNT = `# the account
apiVersion: v1
kind: ServiceAccount
metadata:
  name: reports
  annotations:
    eks.amazonaws.com/role-arn: ${ROLE} # IAM
`;

const OURS = `    aws.podpass.dev/role-arn: ${ROLE} # IAM
    aws.podpass.dev/expiration-seconds: "86400"
    podpass.dev/federate: aws
`;

const MIGRATED = `# the account
apiVersion: v1
kind: ServiceAccount
metadata:
  name: reports
  annotations:
${OURS}`;

const OTHER = `kind: ConfigMap
data: {big: 123456789012345678901234567890, "odd":   [1,2] }   # ours
`;

/** A pod that mounts the token itself. */
const handWritten = ({
  seconds = 86_400,
  path = "/var/run/secrets/eks.amazonaws.com/serviceaccount",
} = {}) => `kind: Pod
apiVersion: v1
metadata:
  name: reports
spec:
  serviceAccountName: reports
  containers:
  - name: app
    image: x
    env:
    - {name: AWS_REGION, value: eu-west-1}
    - {name: AWS_WEB_IDENTITY_TOKEN_FILE, value: ${path}/token}
    volumeMounts:
    - name: token
      mountPath: ${path}
  volumes:
  - name: token
    projected:
      sources:
      - serviceAccountToken: {audience: sts.amazonaws.com, expirationSeconds: ${seconds}, path: token}
`;

const WITHOUT = `kind: Pod
apiVersion: v1
metadata:
  name: reports
spec:
  serviceAccountName: reports
  containers:
  - name: app
    image: x
    env:
    - {name: AWS_REGION, value: eu-west-1}
`;

const migrate = (stdin: string, ...args: readonly string[]) =>
  podpassInside(["migrate", "-f", "-", "-o", "yaml", ...args], { stdin });

describe("podpass migrate", () => {
  it("writes the whole with what changes in its place, and nothing else", async () => {
    const stdin = `${OTHER}---\n${ACCOUNT}---\n${handWritten()}`;
    const run = await migrate(stdin);
    expect(run).toEqual({ stdout: `${OTHER}---\n${MIGRATED}---\n${WITHOUT}`, stderr: "", exitCode: 0 });
    expect(await migrate(run.stdout)).toEqual(run);
    expect(await podpassInside(["lint", "-f", "-", "--strict"], { stdin: run.stdout })).toMatchObject({ exitCode: 0 });
  });

  it("shows a diff unless told otherwise", async () => {
    const { stdout, exitCode } = await podpassInside(["migrate", "-f", "-"], { stdin: ACCOUNT });
    expect(exitCode).toBe(0);
    expect(stdout).toBe(`--- (stdin)	ServiceAccount default/reports
+++ (stdin)	ServiceAccount default/reports
@@ -4,4 +4,6 @@
 metadata:
   name: reports
   annotations:
-    eks.amazonaws.com/role-arn: ${ROLE} # IAM
+    aws.podpass.dev/role-arn: ${ROLE} # IAM
+    aws.podpass.dev/expiration-seconds: "86400"
+    podpass.dev/federate: aws
`);
  });

  it("leaves the vendor's keys with --keep, and takes them later", async () => {
    const kept = await migrate(ACCOUNT, "--keep");
    expect(kept.stdout).toBe(
      `${ACCOUNT}    podpass.dev/federate: aws\n`.replace(
        "    podpass",
        `    aws.podpass.dev/role-arn: ${ROLE}\n    aws.podpass.dev/expiration-seconds: "86400"\n    podpass`,
      ),
    );
    expect((await migrate(kept.stdout, "--keep")).stdout).toBe(kept.stdout);
    expect((await migrate(kept.stdout)).stdout).not.toContain("eks.amazonaws.com");
  });

  it("is JSON where the manifest is", async () => {
    const annotations = { "eks.amazonaws.com/role-arn": ROLE };
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "reports", annotations } };
    const { stdout } = await migrate(`${JSON.stringify(account, null, 2)}\n`);
    expect(JSON.parse(stdout).metadata.annotations).toEqual({
      "aws.podpass.dev/role-arn": ROLE,
      "aws.podpass.dev/expiration-seconds": "86400",
      "podpass.dev/federate": "aws",
    });
  });

  it.each([
    [
      "another lifetime",
      handWritten({ seconds: 3600 }),
      'lives 3600 s, and would live 86400 s; where that is meant, write aws.podpass.dev/expiration-seconds: "3600" on the ServiceAccount',
    ],
    ["another path", handWritten({ path: "/elsewhere" }), 'nothing would lie at "/elsewhere"'],
    [
      "another mode",
      handWritten().replace("projected:\n", "projected:\n      defaultMode: 0440\n"),
      "would have another mode or mount",
    ],
    [
      "a part of the volume",
      handWritten().replace("    - name: token\n", "    - name: token\n      subPath: token\n"),
      "in container",
    ],
    [
      "a reference to what comes later",
      handWritten().replace("value: eu-west-1", "value: $(AWS_WEB_IDENTITY_TOKEN_FILE)"),
      '"AWS_REGION" is',
    ],
  ])("leaves a hand-written token with %s, and says why", async (_about, pod, why) => {
    const { stdout, stderr, exitCode } = await migrate(`${ACCOUNT}---\n${pod}`);
    expect(stdout).toBe(`${MIGRATED}---\n${pod}`);
    expect(stderr).toContain("warning: Pod default/reports: the hand-written token for aws stays: ");
    expect(stderr).toContain(why);
    expect(exitCode).toBe(0);
  });

  it("keeps a variable that is the user's own, and takes out what is put back beside it", async () => {
    const own = "    - {name: AWS_ROLE_ARN, value: other}\n";
    const pod = handWritten().replace("    volumeMounts", `${own}    volumeMounts`);
    const { stdout, stderr } = await migrate(`${ACCOUNT}---\n${pod}`);
    expect({ stdout, stderr }).toEqual({ stdout: `${MIGRATED}---\n${WITHOUT}${own}`, stderr: "" });
  });

  it("migrates the ServiceAccount where an anchor keeps the hand-written token", async () => {
    const pod = handWritten().replace("    env:", "    env: &env");
    const shared = pod.replace("  volumes:", "  - name: other\n    image: x\n    env: *env\n  volumes:");
    const run = await migrate(`${ACCOUNT}---\n${shared}`, "--keep-going");
    expect(run).toMatchObject({ stdout: `${MIGRATED}---\n${shared}`, exitCode: 1 });
    expect(run.stderr).toContain("error: Pod default/reports: its hand-written token cannot be taken out in place");
  });

  it("says where ours says something else", async () => {
    const other = `    podpass.dev/federate: aws\n    aws.podpass.dev/role-arn: ${ROLE}2\n`;
    const { stdout, stderr } = await migrate(ACCOUNT + other);
    expect(stdout).toBe(MIGRATED.replace(OURS, other));
    expect(stderr).toContain('"aws.podpass.dev/role-arn"');
  });

  it("keeps what has no equivalent, and names it", async () => {
    const { stdout, stderr, exitCode } = await migrate(
      `${ACCOUNT}    eks.amazonaws.com/sts-regional-endpoints: "true"\n`,
    );
    expect(stdout).toContain('    eks.amazonaws.com/sts-regional-endpoints: "true"\n');
    expect(stderr).toBe(
      '(stdin):8:5: warning: ServiceAccount default/reports: annotation "eks.amazonaws.com/sts-regional-endpoints" has no equivalent for aws; kept\n',
    );
    expect(exitCode).toBe(0);
  });

  const SHARED = `apiVersion: v1
kind: List
items:
- &a
  apiVersion: v1
  kind: ServiceAccount
  metadata:
    name: shared
    annotations: {eks.amazonaws.com/role-arn: "${ROLE}"}
- *a
`;

  it.each([
    ["a role that is none", ACCOUNT.replace(ROLE, "my-role"), "it cannot be migrated: annotation"],
    ["what an anchor shares", SHARED, "it cannot be changed in place"],
    [
      "a pod whose ServiceAccount is elsewhere",
      WITHOUT.replace("  name: reports", '  name: reports\n  annotations: {eks.amazonaws.com/skip-containers: "app"}'),
      'eks.amazonaws.com/skip-containers: its ServiceAccount "reports" is not among the files; give it with -f too',
    ],
  ])("refuses %s: nothing is written, with --keep-going the rest", async (_about, bad, why) => {
    const stdin = `${ACCOUNT.replace("name: reports", "name: good")}---\n${bad}`;
    const run = await migrate(stdin);
    expect(run).toMatchObject({ stdout: "", exitCode: 1 });
    expect(run.stderr).toContain(why);
    expect(run.stderr).toContain("nothing is written");
    const rest = await migrate(stdin, "--keep-going");
    expect(rest.stdout).toBe(`${MIGRATED.replace("name: reports", "name: good")}---\n${bad}`);
    expect(rest.exitCode).toBe(1);
  });

  it("opts out what a label kept the identity from, and says so", async () => {
    const client = "11111111-2222-3333-4444-555555555555";
    const account = `apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: reports\n  annotations:\n    azure.workload.identity/client-id: ${client}\n    azure.workload.identity/tenant-id: ${client}\n`;
    const { stdout, stderr } = await migrate(`${account}---\n${WITHOUT}`);
    expect(stdout).toContain('  name: reports\n  annotations:\n    podpass.dev/inject: "false"\nspec:');
    expect(stderr).toContain(
      "note: Pod default/reports: by its labels or annotations the pod has no identity of azure",
    );
    expect(stderr).toContain("note: ServiceAccount default/reports: until now only pods with the label");
  });

  it("changes files in place: those that change, each whole, with its mode, through a link", async () => {
    const folder = folderWith({
      "a.yaml": ACCOUNT,
      "b.yaml": OTHER,
      "real/c.yaml": ACCOUNT.replace("reports", "other"),
    });
    chmodSync(join(folder, "a.yaml"), 0o640);
    symlinkSync("real/c.yaml", join(folder, "link.yaml"));
    const before = statSync(join(folder, "b.yaml")).mtimeMs;
    const args = [
      "migrate",
      "-f",
      join(folder, "a.yaml"),
      "-f",
      join(folder, "b.yaml"),
      "-f",
      join(folder, "link.yaml"),
    ];
    const run = await podpassInside([...args, "--write"]);
    expect(run).toMatchObject({ stdout: "", exitCode: 0 });
    expect(run.stderr).toBe(`${join(folder, "a.yaml")}: changed\n${join(folder, "link.yaml")}: changed\n`);
    expect(readFileSync(join(folder, "a.yaml"), "utf8")).toBe(MIGRATED);
    expect(statSync(join(folder, "a.yaml")).mode & 0o777).toBe(0o640);
    expect(lstatSync(join(folder, "link.yaml")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, "real/c.yaml"), "utf8")).toBe(MIGRATED.replace("reports", "other"));
    expect(statSync(join(folder, "b.yaml")).mtimeMs).toBe(before);
    expect(readdirSync(folder).toSorted()).toEqual(["a.yaml", "b.yaml", "link.yaml", "real"]);
    expect(await podpassInside([...args, "--write"])).toEqual({ stdout: "", stderr: "", exitCode: 0 });
  });

  it("changes no file that is not what was read from it", async () => {
    const folder = folderWith({ "a.yaml": ACCOUNT, "b.yaml": "" });
    // Read as UTF-16, which would be written as UTF-8.
    writeFileSync(join(folder, "b.yaml"), `\uFEFF${ACCOUNT.replace("reports", "other")}`, "utf16le");
    const run = await podpassInside(["migrate", "-f", folder, "--write"]);
    expect(run).toMatchObject({ stdout: "", exitCode: 2 });
    expect(run.stderr).toContain("or is not UTF-8");
    expect(readFileSync(join(folder, "a.yaml"), "utf8")).toBe(ACCOUNT);
    expect(readdirSync(folder).toSorted()).toEqual(["a.yaml", "b.yaml"]);
    const twice = ["migrate", "-f", join(folder, "a.yaml"), "-f", join(folder, "a.yaml"), "--write"];
    expect(await podpassInside(twice)).toMatchObject({ stdout: "", exitCode: 0 });
    expect(readFileSync(join(folder, "a.yaml"), "utf8")).toBe(MIGRATED);
  });

  it("changes no file where something cannot be migrated, and none of standard input", async () => {
    const folder = folderWith({ "a.yaml": ACCOUNT, "b.yaml": ACCOUNT.replace(ROLE, "none").replace("reports", "bad") });
    expect(await podpassInside(["migrate", "-f", folder, "--write"])).toMatchObject({ exitCode: 1 });
    expect(readFileSync(join(folder, "a.yaml"), "utf8")).toBe(ACCOUNT);
    expect(await podpassInside(["migrate", "-f", "-", "--write"])).toMatchObject({ exitCode: 2 });
  });

  it("goes by the providers that the configuration names, and by its prefix", async () => {
    const configuration = `apiVersion: podpass.dev/v1alpha1
kind: Configuration
annotationPrefix: identity.example.com
nativeAnnotations: [main]
providers: { main: { preset: aws }, other: { preset: aws } }
`;
    const { stdout } = await migrate(`${configuration}---\n${ACCOUNT}`);
    expect(stdout).toContain(`${configuration}---\n`);
    expect(stdout).toContain(`main.identity.example.com/role-arn: ${ROLE}`);
    expect(stdout).toContain("identity.example.com/federate: main\n");
    const both = await migrate(`${configuration.replace("[main]", "false")}---\n${ACCOUNT}`);
    expect(both).toMatchObject({ stdout: "", exitCode: 2 });
    expect(both.stderr).toContain("allowed: a list with one of them");
  });

  it("writes the files although nobody reads its messages", async () => {
    const folder = folderWith({ "a.yaml": ACCOUNT.replace("eks", "eks.amazonaws.com/other: x\n    eks") });
    const run = await podpass(["migrate", "-f", folder, "--write"], { readsNoMessages: true });
    expect(run.exitCode).toBe(0);
    expect(readFileSync(join(folder, "a.yaml"), "utf8")).toContain("podpass.dev/federate: aws");
    expect(readdirSync(folder)).toEqual(["a.yaml"]);
  });

  // The webhook is never asked about its pods: what the vendor's webhook or the manifest gives them is all that they have.
  it("leaves kube-system as it is", async () => {
    const there = (text: string) => text.replace("  name: reports\n", "  name: reports\n  namespace: kube-system\n");
    const stdin = `${there(ACCOUNT)}---\n${there(handWritten())}`;
    const run = await migrate(stdin);
    expect(run).toMatchObject({ stdout: stdin, exitCode: 0 });
    expect(run.stderr).toBe(
      "(stdin):2:1: warning: ServiceAccount kube-system/reports: Podpass' webhook is never asked about pods in kube-system; left as it is: keep the vendor's webhook for them, or write the identity into their manifests (podpass inject)\n",
    );
    const bare = `${there(MIGRATED)}---\n${there(handWritten())}`;
    expect(await migrate(bare)).toMatchObject({ stdout: bare, exitCode: 0 });
  });
});
