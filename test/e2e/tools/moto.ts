/** AWS' IAM as moto has it, on a free port of this machine. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { promisify } from "node:util";
import { programsIn } from "./printed.ts";

const run = promisify(execFile);

/** A role, as it is read back. */
export interface Role {
  readonly name: string;
  readonly path: string;
  readonly trust: unknown;
  /** Its own policies, by name. */
  readonly policies: Readonly<Record<string, unknown>>;
}

/** What IAM knows. */
export interface Registered {
  /** Without the scheme, as IAM has it. */
  readonly providers: readonly { readonly arn: string; readonly url: string; readonly clientIds: readonly string[] }[];
  readonly roles: readonly Role[];
}

/** The server. */
export interface Moto {
  readonly url: string;
  /** What a shell needs so that `aws` is the one of the environment, and asks this server. */
  readonly env: Readonly<Record<string, string>>;
  /** Forgets everything. */
  reset(): Promise<void>;
  registered(): Promise<Registered>;
  stop(): void;
}

const READ = `
import boto3, json
from urllib.parse import unquote
from botocore import handlers
iam = boto3.client("iam")
# It takes percent signs off, which IAM puts on all documents, and moto on some.
iam.meta.events.unregister("after-call.iam", handlers.json_decode_policies)
def document(text):
    return json.loads(text if text.startswith("{") else unquote(text))
def provider(arn):
    found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    return {"arn": arn, "url": found["Url"], "clientIds": found["ClientIDList"]}
def role(found):
    name = found["RoleName"]
    policies = {policy: document(iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])
                for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]}
    return {"name": name, "path": found["Path"], "trust": document(found["AssumeRolePolicyDocument"]), "policies": policies}
print(json.dumps({
    "providers": [provider(one["Arn"]) for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]],
    # In no order of its own.
    "roles": sorted((role(one) for one in iam.list_roles()["Roles"]), key=lambda one: one["name"]),
}))
`;

const urlOf = (server: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = "";
    server.stderr?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const url = /Running on (http:\/\/127\.0\.0\.1:\d+)/u.exec(text)?.[1];
      if (url !== undefined) resolve(url);
    });
    server.once("error", reject);
    server.once("close", () => reject(new Error(`moto ended: ${text.slice(-2000)}`)));
  });

/** Starts the server with `python`, an environment that has moto and the CLI. */
export const startMoto = async (python: string): Promise<Moto> => {
  const server = spawn(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const url = await urlOf(server);
  const programs = await programsIn(python, { aws: ["-m", "awscli"] });
  const env = {
    PATH: `${programs}:/usr/bin:/bin`,
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_DEFAULT_REGION: "us-east-1",
  };
  return {
    url,
    env,
    reset: async () => void (await fetch(`${url}/moto-api/reset`, { method: "POST" })),
    registered: async () => JSON.parse((await run(python, ["-c", READ], { env })).stdout) as Registered,
    stop: () => {
      server.kill("SIGKILL");
      rmSync(programs, { recursive: true, force: true });
    },
  };
};
