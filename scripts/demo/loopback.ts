/**
 * The demo without a cluster: the real server on loopback, with a throw-away certificate and a folder of example
 * ServiceAccounts. Sends it recorded AdmissionReviews over TLS as the API server would, and shows what becomes of each
 * pod.
 */
import { existsSync, readFileSync } from "node:fs";
import { request } from "node:https";
import { join, relative } from "node:path";
import fastJsonPatch, { type Operation } from "fast-json-patch";
import pc from "picocolors";
import { readManifest } from "../../src/manifests/document.ts";
import { objectsIn } from "../../src/manifests/objects.ts";
import { collectServiceAccounts } from "../../src/manifests/service-accounts.ts";
import { type CertificateFiles, writeCertificates } from "../certificates.ts";
import { freePort, startServer } from "../serve-process.ts";
import { print, showAnnotations, showDiff } from "./show.ts";

interface Metadata {
  name?: string;
  generateName?: string;
  namespace?: string;
  managedFields?: unknown;
  annotations?: Record<string, string>;
}

interface Pod {
  metadata: Metadata;
  spec: { serviceAccountName: string; serviceAccount: string };
  status?: unknown;
}

interface Review {
  request: { uid: string; namespace: string; object: Pod };
}

interface Answer {
  response: {
    allowed: boolean;
    patch?: string;
    warnings?: readonly string[];
    status?: { code: number; message: string };
  };
}

/** A recorded review, and the example ServiceAccount that its pod is given. */
interface Scene {
  readonly title: string;
  readonly review: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

const SCENES: readonly Scene[] = [
  { title: "a Deployment at AWS", review: "deployment", namespace: "production", serviceAccount: "orders" },
  {
    title: "the manifest of OpenAI's guide, its token volume already written by hand",
    review: "openai-guide",
    namespace: "production",
    serviceAccount: "assistant",
  },
  {
    title: "a Job with a native sidecar at Google Cloud",
    review: "job-native-sidecar",
    namespace: "production",
    serviceAccount: "reports",
  },
  {
    title: "a pod that asks for an audience and a lifetime of its own",
    review: "static-keys",
    namespace: "production",
    serviceAccount: "orders",
  },
  {
    title: "a ServiceAccount without federation",
    review: "smallest",
    namespace: "production",
    serviceAccount: "plain",
  },
];

const root = join(import.meta.dirname, "../..");
const certs = join(root, "certs/demo");
const manifests = join(root, "examples/serviceaccounts");
const configuration = join(root, "examples/configuration.yaml");

const post = (url: string, ca: string, body: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const call = request(
      url,
      {
        method: "POST",
        ca: readFileSync(ca),
        servername: "podpass.podpass-system.svc",
        headers: { "content-type": "application/json", "user-agent": "kube-apiserver-admission" },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () =>
          response.statusCode === 200 ? resolve(text) : reject(new Error(`HTTP ${response.statusCode}: ${text}`)),
        );
      },
    );
    call.once("error", reject);
    call.end(body);
  });

const readable = (pod: Pod): object => {
  const { managedFields: _managedFields, ...metadata } = pod.metadata;
  const { status: _status, ...rest } = pod;
  return { ...rest, metadata };
};

const annotationsOf = (scene: Scene): ReadonlyMap<string, string> | undefined => {
  const file = join(manifests, `${scene.serviceAccount}.yaml`);
  if (!existsSync(file)) return undefined;
  const objects = readManifest(file, readFileSync(file, "utf8")).file.documents.flatMap(objectsIn);
  return collectServiceAccounts(objects, "default").find(scene.namespace, scene.serviceAccount)?.annotations;
};

const recorded = (scene: Scene): Review => {
  const path = join(root, `test/data/admission-reviews/${scene.review}.json`);
  const review = JSON.parse(readFileSync(path, "utf8")) as Review;
  review.request.namespace = scene.namespace;
  review.request.object.metadata.namespace = scene.namespace;
  review.request.object.spec.serviceAccountName = scene.serviceAccount;
  review.request.object.spec.serviceAccount = scene.serviceAccount;
  return review;
};

const show = async (scene: Scene, number: number, url: string, ca: string): Promise<void> => {
  const review = recorded(scene);
  const annotations = annotationsOf(scene);
  print();
  print(pc.bold(`${number}. ${scene.title[0]?.toUpperCase()}${scene.title.slice(1)}`));
  print(pc.dim(`   ServiceAccount ${scene.namespace}/${scene.serviceAccount}`));
  if (annotations === undefined || annotations.size === 0) print(pc.dim("   (no annotations)"));
  showAnnotations(annotations ?? []);
  const { response } = JSON.parse(await post(url, ca, JSON.stringify(review))) as Answer;
  print();
  if (!response.allowed) print(pc.red(`  refused (${response.status?.code}): ${response.status?.message}`));
  else if (response.patch === undefined) print(pc.dim("  allowed, nothing changed"));
  else {
    const patch = JSON.parse(Buffer.from(response.patch, "base64").toString()) as Operation[];
    const before = review.request.object;
    showDiff(readable(before), readable(fastJsonPatch.applyPatch(structuredClone(before), patch, true).newDocument));
  }
  for (const warning of response.warnings ?? []) print(pc.yellow(`  Warning: ${warning}`));
};

const curl = (url: string, files: CertificateFiles): string => {
  const local = (path: string) => relative(process.cwd(), path);
  const host = new URL(url);
  return [
    `curl --cacert ${local(files.ca)} -H 'Content-Type: application/json' \\`,
    `  --data @${local(join(root, "test/data/admission-reviews/deployment.json"))} \\`,
    `  ${host.origin}${host.pathname}`,
  ].join("\n");
};

/** Shows the scenes, and then serves until Ctrl-C where `isServing`. */
export const demoOnLoopback = async ({ isServing }: { readonly isServing: boolean }): Promise<void> => {
  const files = await writeCertificates(certs);
  const [port, healthPort] = [await freePort(), await freePort()];
  const url = `https://127.0.0.1:${port}/mutate/pods?timeout=10s`;
  const server = await startServer(
    [join(root, "src/main.ts"), "serve", "--config", configuration, "--manifests", manifests]
      .concat(["--tls-cert", files.certificate, "--tls-key", files.key, "--host", "127.0.0.1"])
      .concat(["--port", `${port}`, "--health-port", `${healthPort}`, "--drain-seconds", "0"]),
    `http://127.0.0.1:${healthPort}/readyz`,
  );
  try {
    print(`${pc.bold("Podpass")} serves ${pc.cyan(url)}, ready after ${Math.round(server.readyMs)} ms.`);
    print(
      `ServiceAccounts: ${relative(process.cwd(), manifests)}/, configuration: ${relative(process.cwd(), configuration)}`,
    );
    for (const [index, scene] of SCENES.entries()) await show(scene, index + 1, url, files.ca);
    print();
    print(pc.bold("Try your own: edit the ServiceAccounts while it runs, and send a review:"));
    print(curl(url, files));
    print(`Health and metrics: http://127.0.0.1:${healthPort}/readyz and /metrics`);
    if (isServing) {
      print(pc.dim("It keeps serving until Ctrl-C."));
      await new Promise<void>((resolve) => {
        process.once("SIGINT", () => resolve());
        process.once("SIGTERM", () => resolve());
        server.child.once("exit", () => resolve());
      });
    }
  } finally {
    await server.stop();
  }
};
