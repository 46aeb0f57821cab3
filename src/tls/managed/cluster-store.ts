/** The Secret and the webhook configurations of a cluster. */
import type { Connection, KubeResponse } from "../../kube/connection.ts";
import { describeError } from "../../kube/error-chain.ts";
import { secretPath, validatingConfigurationPath, webhookConfigurationPath } from "../../kube/paths.ts";
import type { JsonObject, Patch } from "../../kube/request.ts";
import { describeStatus, isNotFound, readStatus } from "../../kube/status.ts";
import { line, quote } from "../../reasons/text.ts";
import { type CaCertificate, writeBundle } from "./certificates.ts";
import type { WebhookConfiguration } from "./facts.ts";
import { configurationOf, KEYS, secretOf } from "./read-objects.ts";
import type { CertificateStore, ReadConfiguration, ReadSecret, SecretContent, Written } from "./store.ts";

/** Which objects, and how they are reached. */
export interface ClusterStoreOptions {
  readonly connection: Connection;
  readonly namespace: string;
  /** The Secret's name. */
  readonly secret: string;
  /** Milliseconds that only grow. */
  elapsedMs(): number;
  /** What ends every request. */
  readonly closed: AbortSignal;
  /** What ends every write. */
  readonly stopping: AbortSignal;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;

/** etcd takes objects of 1.5 MiB; in characters, of which JSON may need more. */
const MAX_LENGTH = 4 * 1024 * 1024;

const MAX_PROBLEM_LENGTH = 300;

const FIELD_MANAGER = "podpass";

type Answer =
  | { readonly object: unknown; readonly date: string | undefined }
  | { readonly code: number; readonly isNotFound: boolean; readonly problem: string };

const parse = (text: string): unknown => {
  if (text.length > MAX_LENGTH) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const readAnswer = async (response: KubeResponse): Promise<Answer> => {
  const { status: code, date } = response;
  const text = await response.readText();
  const status = code === 200 || code === 201 ? undefined : readStatus(text);
  const object = parse(text);
  if (code !== 200 && code !== 201)
    return {
      code,
      isNotFound: isNotFound(code, status),
      problem: line(describeStatus(code, status), MAX_PROBLEM_LENGTH),
    };
  if (object !== undefined) return { object, date };
  return { code, isNotFound: false, problem: "the API server's answer is not JSON, or is too long" };
};

const pathOf = ({ kind, name }: WebhookConfiguration): string =>
  kind === "MutatingWebhookConfiguration" ? webhookConfigurationPath(name) : validatingConfigurationPath(name);

class ClusterStore implements CertificateStore {
  private readonly options: ClusterStoreOptions;
  private readonly seen = new Map<string, { readonly bundles: string; readonly atMs: number }>();

  constructor(options: ClusterStoreOptions) {
    this.options = options;
  }

  async readSecret(): Promise<ReadSecret> {
    const answer = await this.get(this.path());
    if ("object" in answer) return { ...secretOf(answer.object), date: answer.date };
    const { problem } = answer;
    const view = answer.isNotFound ? ({ state: "absent" } as const) : ({ state: "unknown", problem } as const);
    return { view, authority: undefined, previous: undefined, resourceVersion: "", date: undefined };
  }

  /** By server-side apply, since a right to create by name holds for nothing else; it takes no content away. */
  async makeSecret(): Promise<Written> {
    const { namespace, secret: name } = this.options;
    const body = { apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, type: "Opaque" };
    const written = await this.write(this.path(), { type: "apply", body, fieldManager: FIELD_MANAGER });
    return written === "gone" ? { problem: `there is no namespace ${quote(namespace)}` } : written;
  }

  writeSecret({ resourceVersion }: ReadSecret, { authority, previous }: SecretContent): Promise<Written> {
    const data: Record<string, string | null> = {
      [KEYS.previous]: previous === undefined ? null : Buffer.from(previous.cert).toString("base64"),
    };
    if (authority !== undefined) {
      data[KEYS.cert] = Buffer.from(authority.cert).toString("base64");
      data[KEYS.key] = Buffer.from(authority.key).toString("base64");
    }
    return this.change(this.path(), { type: "merge", body: { metadata: { resourceVersion }, data } });
  }

  async readConfiguration(of: WebhookConfiguration): Promise<ReadConfiguration> {
    const { kind, name } = of;
    const path = pathOf(of);
    const answer = await this.get(path);
    if ("object" in answer) return configurationOf(of, answer.object, (bundles) => this.seenFor(path, bundles));
    const { problem } = answer;
    const nothing = { certificates: [], webhooks: 0, resourceVersion: "" } as const;
    if (!answer.isNotFound) return { view: { state: "unknown", kind, name, problem }, ...nothing };
    return { view: { state: "idle", kind, name, problem: "is not there" }, ...nothing };
  }

  writeBundle(
    of: WebhookConfiguration,
    read: ReadConfiguration,
    certificates: readonly CaCertificate[],
  ): Promise<Written> {
    const value = writeBundle(certificates);
    const bundles: readonly JsonObject[] = Array.from({ length: read.webhooks }, (_, index) => ({
      op: "add",
      path: `/webhooks/${index}/clientConfig/caBundle`,
      value,
    }));
    // With another one the API server answers 409: the webhooks may then be others, in another order.
    const asRead = { op: "replace", path: "/metadata/resourceVersion", value: read.resourceVersion };
    return this.change(pathOf(of), { type: "json", body: [asRead, ...bundles] });
  }

  private path(): string {
    return secretPath(this.options.namespace, this.options.secret);
  }

  private seenFor(path: string, bundles: string): number {
    const atMs = this.options.elapsedMs();
    const seen = this.seen.get(path);
    if (seen?.bundles === bundles) return atMs - seen.atMs;
    this.seen.set(path, { bundles, atMs });
    return 0;
  }

  private get(path: string): Promise<Answer> {
    return this.ask((signal) => this.options.connection.get(path, "application/json", signal));
  }

  private async write(path: string, patch: Patch): Promise<Written | "gone"> {
    const { connection, stopping } = this.options;
    const answer = await this.ask((signal) => connection.patch(path, patch, AbortSignal.any([signal, stopping])));
    if ("object" in answer) return "done";
    if (answer.isNotFound) return "gone";
    return answer.code === 409 ? "conflict" : { problem: answer.problem };
  }

  /** One that is gone since it was read is looked for again, too. */
  private async change(path: string, patch: Patch): Promise<Written> {
    const written = await this.write(path, patch);
    return written === "gone" ? "conflict" : written;
  }

  private async ask(request: (signal: AbortSignal) => Promise<KubeResponse>): Promise<Answer> {
    const { closed, timeoutMs = TIMEOUT_MS } = this.options;
    const late = AbortSignal.timeout(timeoutMs);
    try {
      return await readAnswer(await request(AbortSignal.any([closed, late])));
    } catch (error) {
      const problem = late.aborted
        ? `the API server did not answer within ${timeoutMs / 1000} s`
        : describeError(error);
      return { code: 0, isNotFound: false, problem: line(problem, MAX_PROBLEM_LENGTH) };
    }
  }
}

/** Makes the store; nothing is sent yet. */
export const createClusterStore = (options: ClusterStoreOptions): CertificateStore => new ClusterStore(options);
