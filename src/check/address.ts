/** Where a webhook configuration sends the API server: to this installation's Service, at the right path? */
import type { Installation } from "./facts.ts";
import { fail, pass, type Verdict, warn } from "./verdict.ts";
import type { Webhook } from "./webhooks.ts";

/** What to do where it is not as the chart wrote it. */
export const UPGRADE = "Install the chart again; helm diff or kubectl diff shows what somebody changed.";

/** Which webhook is judged, and where Podpass answers it. */
export interface Registration {
  /** The configuration, as sentences name it. */
  readonly where: string;
  readonly webhook: Webhook;
  readonly path: string;
}

/** Judges the address. */
export const judgeAddress = ({ where, webhook, path }: Registration, { namespace, name }: Installation): Verdict => {
  const { service, url } = webhook;
  if (webhook.path !== path)
    return fail(`${where} calls the path ${webhook.path || "/"}; Podpass answers ${path}`, UPGRADE);
  if (service === undefined)
    return warn(`${where} calls ${url}, and not the Service`, "Right for a try-out; else install the chart again.");
  if (service.namespace !== namespace || service.name !== name)
    return fail(
      `${where} calls Service ${service.namespace}/${service.name}, which is not this installation's`,
      UPGRADE,
    );
  return pass(`${where} calls Service ${namespace}/${name}:${service.port}${path}`);
};
