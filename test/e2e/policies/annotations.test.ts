import { beforeAll, expect, it } from "vitest";
import { createServiceAccount, describeOnCluster, useCluster } from "../../cluster/harness.ts";
import { applyPolicies, typeCheckingOf } from "../../cluster/policies.ts";
import { policiesOf } from "./pods.ts";

const objects = policiesOf({}, "annotations", "annotations-bindings");

const FILE = "gcp.podpass.dev/credentials.json";
const GONE = "taken-out.podpass.dev/client.json";
const APART = "openai.podpass.dev/notes";

const item = (key: string) => ({
  path: key.slice(key.indexOf("/") + 1),
  fieldRef: { fieldPath: `metadata.annotations['${key}']` },
});
const token = { serviceAccountToken: { audience: "a", path: "token" } };
const projected = (name: string, sources: readonly object[] | undefined) => ({
  name,
  projected: sources && { sources },
});

const WRITTEN = {
  "podpass.dev/injected": "gcp",
  [FILE]: "{}",
  [GONE]: "{}",
  [APART]: "n",
  "example.com/mine": "m",
  note: "x",
};

const VOLUMES = [
  projected("podpass-gcp", [token, { downwardAPI: { items: [item(FILE)] } }]),
  projected("podpass-taken-out", [token, { downwardAPI: { items: [item(GONE)] } }]),
  projected("mine", [token, { downwardAPI: { items: [item("example.com/mine")] } }]),
  projected("apart", [{ downwardAPI: { items: [item(APART)] } }]),
  projected("none", [{ downwardAPI: {} }]),
  { name: "empty", projected: {} },
];

interface Case {
  readonly what: string;
  readonly change: Readonly<Record<string, string | null>> | null;
  /** The key that the refusal names; undefined: it passes. */
  readonly refused?: string;
}

const CASES: readonly Case[] = [
  { what: "another annotation", change: { note: "y" } },
  { what: "a user's own file beside a user's own token", change: { "example.com/mine": "y" } },
  { what: "a file of no volume with a token", change: { [APART]: "y" } },
  { what: "a new annotation of Podpass that nothing projects", change: { "podpass.dev/inject": "false" } },
  { what: "a file", change: { [FILE]: '{"token_url":"https://evil.example.com"}' }, refused: FILE },
  { what: "a file's removal", change: { [FILE]: null }, refused: FILE },
  { what: "a file of a provider that is configured no more", change: { [GONE]: "y" }, refused: GONE },
  { what: "the mark", change: { "podpass.dev/injected": "" }, refused: "podpass.dev/injected" },
  { what: "the mark's removal", change: { "podpass.dev/injected": null }, refused: "podpass.dev/injected" },
  { what: "all annotations' removal", change: null, refused: "podpass.dev" },
];

describeOnCluster("the annotations policies", () => {
  const cluster = useCluster({ controllerManager: true });
  const pods = "/api/v1/namespaces/default/pods";
  const make = (name: string, annotations: object | undefined, volumes: readonly object[] = []) =>
    cluster().must("POST", pods, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, annotations },
      spec: { serviceAccountName: "plain", volumes, containers: [{ name: "main", image: "example.com/none" }] },
    });
  const patch = (path: string, annotations: object | null) =>
    cluster().request<{ message?: string }>("PATCH", `${pods}/${path}?dryRun=All`, { metadata: { annotations } });

  beforeAll(async () => {
    await createServiceAccount(cluster(), "plain");
    await make("gcp", WRITTEN, VOLUMES);
    await make("bare", undefined);
    await applyPolicies(cluster(), objects);
  });

  it("type-check without warnings", async () => {
    expect(objects).toHaveLength(4);
    for (const object of objects)
      if (object.kind === "ValidatingAdmissionPolicy") expect(await typeCheckingOf(cluster(), object)).toEqual([]);
  });

  it.each(
    CASES.flatMap((one) => [
      { ...one, path: "gcp" },
      { ...one, path: "gcp/status" },
    ]),
  )("judge a change of $what by $path", async ({ change, path, refused }) => {
    const { status, body } = await patch(path, change);
    if (refused === undefined) expect({ status, message: body.message }).toEqual({ status: 200, message: undefined });
    else {
      expect(body.message).toContain(`pod default/gcp: annotation "`);
      expect(body.message).toContain(refused);
      expect(body.message).toContain("is what Podpass wrote when the pod was created");
      expect(status).toBe(403);
    }
  });

  it("keep a mark from a pod that was never decided on, and nothing else", async () => {
    expect((await patch("bare", { "podpass.dev/injected": "aws" })).status).toBe(403);
    expect((await patch("bare", { a: "b" })).status).toBe(200);
    expect((await patch("bare", { [FILE]: "b" })).status).toBe(200);
  });

  it.each([
    { path: `${pods}/NAME/binding`, annotations: { [FILE]: "x" }, refused: true },
    { path: `${pods}/NAME/binding`, annotations: { "podpass.dev/injected": "x" }, refused: true },
    { path: "/api/v1/namespaces/default/bindings", annotations: { [FILE]: "x" }, refused: true },
    { path: "/api/v1/namespaces/default/bindings", annotations: { "scheduler.example.com/x": "x" }, refused: false },
    { path: `${pods}/NAME/binding`, annotations: undefined, refused: false },
  ])("judge a binding by $path with $annotations", async ({ path, annotations, refused }) => {
    const { metadata } = await make(`bound-${Math.random().toString(36).slice(2)}`, { note: "x" });
    const { status, body } = await cluster().request<{ message?: string }>(
      "POST",
      path.replace("NAME", metadata.name),
      {
        apiVersion: "v1",
        kind: "Binding",
        metadata: { name: metadata.name, annotations },
        target: { kind: "Node", name: "node-1" },
      },
    );
    expect({ status, message: body.message ?? "" }).toEqual(
      refused
        ? {
            status: 403,
            message: expect.stringMatching(/binding default\/bound-[a-z0-9]+: annotation ".*podpass\.dev/),
          }
        : { status: 201, message: "" },
    );
  });

  it("let a kubelet write a pod's status", async () => {
    const { metadata } = await make("on-node", WRITTEN, VOLUMES);
    await cluster().must("POST", `${pods}/${metadata.name}/binding`, {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name: metadata.name },
      target: { kind: "Node", name: "node-1" },
    });
    const { status } = await cluster().request(
      "PATCH",
      `${pods}/${metadata.name}/status`,
      { status: { phase: "Running" } },
      { token: cluster().nodeToken() },
    );
    expect(status).toBe(200);
  });
});
