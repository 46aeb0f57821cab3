import { applyPatch, parsePatch } from "diff";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { ACCOUNT, POD } from "./manifests.ts";
import { folderWith, podpass, podpassInside } from "./podpass.ts";

const INJECTED_POD = `apiVersion: v1
kind: Pod
metadata:
  name: api
  annotations:
    podpass.dev/injected: openai
spec:
  serviceAccountName: my-api
  containers:
  - name: api
    image: nginx
    volumeMounts:
    - name: podpass-openai
      mountPath: /var/run/secrets/tokens
      readOnly: true
    env:
    - name: OPENAI_IDENTITY_PROVIDER_ID
      value: idp_1
    - name: OPENAI_SERVICE_ACCOUNT_ID
      value: user-1
  volumes:
  - name: podpass-openai
    projected:
      sources:
      - serviceAccountToken:
          audience: https://api.openai.com/v1
          expirationSeconds: 3600
          path: token
`;

const OTHER = `# not ours
apiVersion: example.com/v1
kind: Deployment
metadata: {name:   odd,    annotations: {__proto__: a, constructor: b}}
spec: {big: 123456789012345678901234567890, mode: 0644, quoted: "yes"}  # end
`;

const DENYING = `apiVersion: podpass.dev/v1alpha1
kind: Configuration
policy:
  tokens:
    audiences: { allow: [] }
`;

const HAND_WRITTEN = `apiVersion: batch/v1
kind: Job
metadata:
  name: evil
spec:
  template:
    spec:
      containers:
      - name: a
      volumes:
      - name: t
        projected:
          sources:
          - serviceAccountToken:
              audience: https://evil.example.com
              path: t
`;

describe("podpass inject", () => {
  it("adds to the pods of a federated ServiceAccount and leaves the rest byte for byte", async () => {
    const stdin = `${OTHER}---\n${ACCOUNT}---\n${POD}`;
    const run = await podpass(["inject", "-f", "-"], { stdin });
    expect(run).toEqual({ stdout: `${OTHER}---\n${ACCOUNT}---\n${INJECTED_POD}`, stderr: "", exitCode: 0 });
  });

  it("changes nothing the second time", async () => {
    const stdin = `${ACCOUNT}---\n${INJECTED_POD}`;
    expect(await podpassInside(["inject", "-f", "-"], { stdin })).toEqual({ stdout: stdin, stderr: "", exitCode: 0 });
    expect((await podpassInside(["inject", "-f", "-", "-o", "diff"], { stdin })).stdout).toBe("");
  });

  it("reads directories recursively and sorted, and separates files", async () => {
    const cwd = folderWith({
      "b.yml": "kind: B # no line break at the end",
      "a/z.yaml": ACCOUNT,
      "a/a.json": '{"kind": "A"}\n',
      "c.yaml": "---\nkind: C\n",
      "README.md": "not a manifest",
      ".hidden.yaml": "kind: Hidden\n",
    });
    const { stdout, exitCode } = await podpass(["inject", "-f", "."], { cwd });
    expect(stdout).toBe(`{"kind": "A"}\n---\n${ACCOUNT}---\nkind: B # no line break at the end\n---\nkind: C\n`);
    expect(exitCode).toBe(0);
  });

  it("ends what is in front of a directive", async () => {
    const directive = "# above\n%YAML 1.1\n---\nkind: B\n";
    const folder = folderWith({ "a.yaml": ACCOUNT, "b.yaml": directive });
    for (const command of ["inject", "migrate"]) {
      const { stdout, exitCode } = await podpassInside([command, "-f", folder, "-o", "yaml"], {});
      expect({ stdout, exitCode }).toEqual({ stdout: `${ACCOUNT}...\n${directive}`, exitCode: 0 });
    }
    const stdin = `${ACCOUNT}---\n${DENYING}...\n${directive}`;
    const { stdout } = await podpassInside(["inject", "-f", "-", "--keep-going"], { stdin });
    expect(stdout).toBe(`${ACCOUNT}...\n${directive}`);
  });

  it.each([
    ["Deployment", "apps/v1", ["spec", "template"]],
    ["StatefulSet", "apps/v1", ["spec", "template"]],
    ["DaemonSet", "apps/v1", ["spec", "template"]],
    ["ReplicaSet", "apps/v1", ["spec", "template"]],
    ["ReplicationController", "v1", ["spec", "template"]],
    ["Job", "batch/v1", ["spec", "template"]],
    ["CronJob", "batch/v1", ["spec", "jobTemplate", "spec", "template"]],
    ["PodTemplate", "v1", ["template"]],
  ])("injects into the template of a %s, alone and in lists", async (kind, apiVersion, path) => {
    const template = { spec: { serviceAccountName: "my-api", containers: [{ name: "a" }] } };
    const wrapped = path.toReversed().reduce<object>((inner, step) => ({ [step]: inner }), template);
    const one = { apiVersion, kind, metadata: { name: "x" }, ...wrapped };
    const list = { apiVersion: "v1", kind: "List", items: [one] };
    const typed = { apiVersion, kind: `${kind}List`, items: [{ metadata: { name: "x" }, ...wrapped }] };
    const stdin = [ACCOUNT, ...[one, list, typed].map((value) => `${JSON.stringify(value)}\n`)].join("---\n");
    const { stdout, stderr } = await podpassInside(["inject", "-f", "-", "-o", "json"], { stdin });
    expect(stderr).toBe("");
    const [, ...written] = JSON.parse(stdout).items;
    expect(written.map((object: { kind: string }) => object.kind)).toEqual([kind, kind, kind]);
    for (const object of written) {
      const found = path.reduce((at, step) => at[step], object);
      expect(found.metadata.annotations).toEqual({ "podpass.dev/injected": "openai" });
      expect(found.spec.volumes).toHaveLength(1);
    }
  });

  it("takes a namespace from the object, then -n, then default; and the ServiceAccount default", async () => {
    const account = ACCOUNT.replace("name: my-api", "name: default\n  namespace: team");
    const pod = POD.replace("  serviceAccountName: my-api\n", "");
    const stdin = `${account}---\n${pod}`;
    const inTeam = await podpassInside(["inject", "-f", "-", "-n", "team"], { stdin });
    expect(inTeam.stdout).toContain("podpass.dev/injected: openai");
    const elsewhere = await podpassInside(["inject", "-f", "-"], { stdin });
    expect(elsewhere.stdout).toBe(stdin);
    expect(elsewhere.stderr).toBe(
      "(stdin):11:1: warning: Pod default/api: ServiceAccount default/default is not among the files given with -f; left alone [service-account-not-found]\n",
    );
    expect(elsewhere.exitCode).toBe(0);
  });

  it("warns of a ServiceAccount that is not there once", async () => {
    const { stderr } = await podpassInside(["inject", "-f", "-"], { stdin: `${POD}---\n${POD}---\n${POD}` });
    expect(stderr).toBe(
      "(stdin):1:1: warning: Pod default/api: ServiceAccount default/my-api is not among the files given with -f; left alone (and 2 more that use it) [service-account-not-found]\n",
    );
  });

  it("writes one object as JSON, with integers of any size and every key", async () => {
    const { stdout } = await podpassInside(["inject", "-f", "-", "-o", "json"], { stdin: OTHER });
    expect(stdout).toBe(`{
    "apiVersion": "example.com/v1",
    "kind": "Deployment",
    "metadata": {
        "name": "odd",
        "annotations": {
            "__proto__": "a",
            "constructor": "b"
        }
    },
    "spec": {
        "big": 123456789012345678901234567890,
        "mode": 420,
        "quoted": "yes"
    }
}
`);
  });

  it("writes a diff that patches the files, with colour only where it is wanted", async () => {
    const files = {
      "account.yaml": ACCOUNT,
      "pods.yaml": `${POD}---\n${OTHER}---\n${POD.replace("name: api", "name: two")}`,
    };
    const cwd = folderWith(files);
    const { stdout } = await podpass(["inject", "-f", ".", "-o", "diff"], { cwd });
    expect(stdout.split("\n").slice(0, 12)).toEqual([
      "--- pods.yaml\tPod default/api",
      "+++ pods.yaml\tPod default/api",
      "@@ -2,11 +2,30 @@",
      " kind: Pod",
      " metadata:",
      "   name: api",
      "+  annotations:",
      "+    podpass.dev/injected: openai",
      " spec:",
      "   serviceAccountName: my-api",
      "   containers:",
      "   - name: api",
    ]);
    expect(stdout).toContain("--- pods.yaml\tPod default/two\n");
    const patched = parsePatch(stdout).reduce((text, patch) => {
      const applied = applyPatch(text, patch, { fuzzFactor: 0 });
      if (applied === false) throw new Error("the diff does not apply");
      return applied;
    }, files["pods.yaml"]);
    expect(`${files["account.yaml"]}---\n${patched}`).toBe((await podpass(["inject", "-f", "."], { cwd })).stdout);
    const colored = await podpass(["inject", "-f", ".", "-o", "diff"], { cwd, env: { FORCE_COLOR: "1" } });
    expect(colored.stdout).toContain("\u001b[32m+  annotations:\u001b[39m");
    const plain = await podpass(["inject", "-f", ".", "-o", "diff"], { cwd, env: { FORCE_COLOR: "1", NO_COLOR: "1" } });
    expect(plain.stdout).toBe(stdout);
  });

  it("refuses with a sentence and 1, and writes nothing", async () => {
    const stdin = `${DENYING}---\n${HAND_WRITTEN}---\n${ACCOUNT}---\n${POD}`;
    const { stdout, stderr, exitCode } = await podpass(["inject", "-f", "-"], { stdin });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain(
      `(stdin):21:15: error: Job default/evil: pod default/evil-* is refused: spec.volumes[0].projected.sources[0].serviceAccountToken.audience is "https://evil.example.com"; allowed: `,
    );
    expect(stderr).toMatch(
      /\npodpass: nothing is written, since one object is refused; --keep-going writes the others\n$/,
    );
  });

  it("writes the others with --keep-going, and names what it leaves out", async () => {
    const stdin = `${ACCOUNT}---\n${DENYING}---\n${HAND_WRITTEN}---\n${POD}`;
    const { stdout, stderr, exitCode } = await podpassInside(["inject", "-f", "-", "--keep-going"], { stdin });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: `${ACCOUNT}---\n${INJECTED_POD}` });
    expect(stderr).toContain("(stdin):16:1: warning: Job default/evil: left out of the output\n");
    const diff = await podpassInside(["inject", "-f", "-", "--keep-going", "-o", "diff"], { stdin });
    expect(diff.stdout.match(/^---.*/gm)).toEqual(["--- (stdin)\tPod default/api"]);
  });

  it("leaves a bad ServiceAccount out with its workloads", async () => {
    const bad = ACCOUNT.replace("name: my-api", "name: bad").replace("idp_1", "12");
    const stdin = `${bad}---\n${ACCOUNT}---\n${POD.replace("my-api", "bad")}---\n${POD}`;
    const { stdout, exitCode } = await podpassInside(["inject", "-f", "-", "--keep-going"], { stdin });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: `---\n${ACCOUNT}---\n${INJECTED_POD}` });
  });

  it.each([
    ["yaml", (text: string) => parse(text)],
    ["json", (text: string) => JSON.parse(text)],
  ])("leaves what is refused out of a list, as %s", async (output, read) => {
    for (const write of [stringify, (value: unknown) => JSON.stringify(value)]) {
      const items = [ACCOUNT, HAND_WRITTEN, POD, HAND_WRITTEN].map((text) => parse(text));
      const list = write({ apiVersion: "v1", kind: "List", metadata: { resourceVersion: "" }, items });
      const args = ["inject", "-f", "-", "-o", output, "--keep-going"];
      const { stdout } = await podpassInside(args, { stdin: `${list}\n---\n${DENYING}` });
      const wanted = [ACCOUNT, INJECTED_POD].map((text) => parse(text));
      expect(read(stdout)).toEqual({
        apiVersion: "v1",
        kind: "List",
        metadata: { resourceVersion: "" },
        items: wanted,
      });
    }
  });

  it("leaves the rest of a list as it was, byte for byte", async () => {
    const indented = (text: string) => text.trimEnd().replaceAll("\n", "\n  ");
    const head = `apiVersion: v1\nkind: List\nitems:   # all\n- ${indented(ACCOUNT)}   # mine\n`;
    const stdin = `${head}# refused\n- ${indented(HAND_WRITTEN)}\n# api\n- ${indented(POD)}\n---\n${DENYING}`;
    const { stdout, stderr } = await podpassInside(["inject", "-f", "-", "--keep-going"], { stdin });
    expect(stdout).toBe(`${head}# api\n- ${indented(INJECTED_POD)}\n`);
    expect(stderr).not.toContain("written anew");
  });

  it("says where a document is written anew", async () => {
    const list = "apiVersion: v1\nkind: List\nitems:\n- kind: Pod\n  metadata: &m {name:   a}\n";
    const pod = "  spec: {serviceAccountName: my-api, containers: [{name: a}]}\n- kind: ConfigMap\n  metadata: *m\n";
    const stdin = `${ACCOUNT}---\n${list}${pod}`;
    for (const output of ["yaml", "diff"]) {
      const { stderr, exitCode } = await podpassInside(["inject", "-f", "-", "-o", output], { stdin });
      expect(stderr).toBe(
        "(stdin):10:1: warning: an anchor, an alias, a merge key or a tag is in the way of what is added, so that this document is written anew: its spacing is another, and comments may have moved or gone\n",
      );
      expect(exitCode).toBe(0);
    }
    expect((await podpassInside(["inject", "-f", "-", "-o", "json"], { stdin })).stderr).toBe("");
  });

  it("separates what followed what is left out", async () => {
    const stdin = `${ACCOUNT}---\n${HAND_WRITTEN}...\nkind: Other\n---\n${DENYING}`;
    const { stdout } = await podpassInside(["inject", "-f", "-", "--keep-going"], { stdin });
    expect(stdout).toBe(`${ACCOUNT}---\nkind: Other\n`);
  });

  it("takes the configuration of --config before one among the manifests", async () => {
    const cwd = folderWith({ "open.yaml": "apiVersion: podpass.dev/v1alpha1\nkind: Configuration\n" });
    const stdin = `${DENYING}---\n${HAND_WRITTEN}`;
    const { stdout, exitCode } = await podpass(["inject", "-f", "-", "--config", "open.yaml"], { stdin, cwd });
    expect({ stdout, exitCode }).toEqual({ stdout: `---\n${HAND_WRITTEN}`, exitCode: 0 });
  });

  it("explains in plain lines where it is piped, on standard error", async () => {
    const stdin = `${ACCOUNT}---\n${POD}---\n${HAND_WRITTEN}`;
    const { stderr } = await podpass(["inject", "-f", "-", "--explain"], { stdin });
    expect(stderr.split("\n").slice(1)).toEqual([
      "(stdin):10:1: explain: Pod default/api: container api: openai: injected; token /var/run/secrets/tokens/token; sets OPENAI_IDENTITY_PROVIDER_ID, OPENAI_SERVICE_ACCOUNT_ID",
      "(stdin):20:1: explain: Job default/evil: service-account-not-found: ServiceAccount default/default is not among the manifests.",
      "",
    ]);
  });

  it("explains which identity lost its variables to another provider of the container", async () => {
    const config = `apiVersion: podpass.dev/v1alpha1
kind: Configuration
providers: { aws: { preset: aws }, aws-prod: { preset: aws } }
`;
    const account = `apiVersion: v1
kind: ServiceAccount
metadata:
  name: my-api
  annotations:
    podpass.dev/federate: aws, aws-prod
    aws.podpass.dev/role-arn: arn:aws:iam::123456789012:role/r
    aws-prod.podpass.dev/role-arn: arn:aws:iam::999999999999:role/r
    aws-prod.podpass.dev/region: eu-west-1
`;
    const explained = async (text: string) => {
      const stdin = `${account}${text}---\n${POD}`;
      const { stderr } = await podpassInside(
        ["inject", "-f", "-", "-f", folderWith({ "c.yaml": config }), "--explain"],
        { stdin },
      );
      return stderr
        .split("\n")
        .filter((one) => one.includes("explain: "))
        .map((one) => one.replace(/.*container /, ""));
    };
    const file = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";
    // The token's file is the same for both.
    const lost = "variable-conflict: another provider sets AWS_ROLE_ARN";
    expect(await explained("    aws.podpass.dev/region: eu-west-1\n")).toEqual([
      `api: aws: injected; token ${file}; sets AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE, AWS_REGION, AWS_DEFAULT_REGION`,
      `api: aws-prod: has the token already; ${lost}; token ${file}`,
    ]);
    expect(await explained("")).toEqual([
      `api: aws: injected; token ${file}; sets AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE`,
      `api: aws-prod: injected, beside the token that was there; ${lost}; token ${file}; sets AWS_REGION, AWS_DEFAULT_REGION`,
    ]);
  });

  it.each([
    ["YAML that is none", "a: [1\nb: {{ x }}\n", "\n(stdin):2:1: "],
    [
      "a configuration that is none",
      "apiVersion: podpass.dev/v1alpha1\nkind: Configuration\npolciy: {}\n",
      'polciy: unknown key; did you mean "policy"?',
    ],
    [
      "a pod that is none",
      "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n",
      "(stdin):1:1: error: Pod default/p: spec is not an object",
    ],
    [
      "a number for a text",
      POD.replace("image: nginx", "env: [{name: PORT, value: 8080}]"),
      "(stdin):9:24: error: Pod default/api: spec.containers[0].env[0].value must be a string; put its value in quotes",
    ],
    [
      "a label that YAML reads as true",
      POD.replace("name: api", "name: api\n  labels: {azure.workload.identity/use: true}"),
      '(stdin):5:12: error: Pod default/api: metadata.labels["azure.workload.identity/use"] must be a string; put its value in quotes',
    ],
    [
      "a container's name that YAML reads as true",
      POD.replace("name: api\n    image", "name: on\n    image"),
      "(stdin):8:5: error: Pod default/api: spec.containers[0].name must be a string; put its value in quotes",
    ],
    [
      "an annotation that is no text",
      ACCOUNT.replace("openai\n", "true\n"),
      '(stdin):6:5: error: ServiceAccount default/my-api: annotation "podpass.dev/federate" must be a string',
    ],
  ])("refuses %s with 2 and writes nothing", async (_, stdin, message) => {
    const run = await podpassInside(["inject", "-f", "-"], { stdin });
    expect(run.stderr).toContain(message);
    expect({ stdout: run.stdout, exitCode: run.exitCode }).toEqual({ stdout: "", exitCode: 2 });
  });

  it("takes null for an empty text where Kubernetes does", async () => {
    const nulls = "labels: {a: }\n  annotations: {podpass.dev/skip-containers: , b: ~}";
    const pod = POD.replace("name: api\n", `name: api\n  ${nulls}\n`).replace(
      "spec:\n",
      "spec:\n  nodeSelector: {c: }\n",
    );
    const account = `${ACCOUNT}    openai.podpass.dev/expiration-seconds:\n    b: ~\n`;
    const { stdout, stderr } = await podpassInside(["inject", "-f", "-"], { stdin: `${account}---\n${pod}` });
    expect(stderr).toBe("");
    expect(stdout).toContain(`${account}---\n`);
    expect(stdout).toContain('b: ~, "podpass.dev/injected": "openai"}');
  });

  it("passes a file on that has nothing but comments", async () => {
    expect((await podpassInside(["inject", "-f", "-"], { stdin: "# nothing yet\n" })).stdout).toBe("# nothing yet\n");
  });

  it("is quiet when nobody reads on", async () => {
    const stdin = `${POD}---\n`.repeat(3000);
    const { stderr, exitCode } = await podpass(["inject", "-f", "-"], { stdin, readsNothing: true });
    expect({ stderr: stderr.includes("EPIPE"), exitCode }).toEqual({ stderr: false, exitCode: 0 });
  });

  it("says which file is not there, is empty of manifests or not text", async () => {
    const cwd = folderWith({ "empty/README.md": "" });
    expect((await podpass(["inject", "-f", "nope.yaml"], { cwd })).stderr).toBe(
      "podpass: nope.yaml: there is no such file or directory\n",
    );
    expect((await podpass(["inject", "-f", "empty"], { cwd })).stderr).toBe(
      "podpass: empty: there is no file in it that ends in .yaml, .yml, .json\n",
    );
  });
});
