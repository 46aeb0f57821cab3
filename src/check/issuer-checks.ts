/** The issuer of the cluster's tokens: can a provider know its keys? */
import { quote } from "../reasons/text.ts";
import { isPrivateUrl, issuerProblem } from "../trust/issuer.ts";
import { keyIds, readKeySet } from "../trust/jwks.ts";
import type { Check } from "./check.ts";
import type { Facts } from "./facts.ts";
import { counted, fail, pass, unjudged, type Verdict, warn } from "./verdict.ts";

const UPLOAD =
  "Hand the keys to providers that take them (podpass trust PROVIDER NAMESPACE/NAME --keys upload), or publish issuer and keys at a public address (podpass jwks).";

const PUBLISH_AGAIN =
  "Publish the documents again (podpass jwks -d DIR); tokens signed with a key that is not published are refused.";

const judgeIssuer = ({ discovery, fetched }: Facts): Verdict => {
  if (discovery.kind === "absent")
    return fail("the API server publishes no discovery document", "Set --service-account-issuer to an https address.");
  if (discovery.kind !== "read") return unjudged("the issuer", discovery);
  const { issuer, jwksUri } = discovery.value;
  const data = { issuer, jwksUri: jwksUri ?? null };
  const shown = quote(issuer, 300).slice(1, -1);
  const problem = issuerProblem(issuer);
  if (problem !== undefined)
    return fail(`${shown} cannot be an issuer: ${problem}`, "Correct --service-account-issuer of the API server.", {
      data,
    });
  if (fetched?.kind === "problem")
    return warn(`${shown} is not reachable from here: ${fetched.message}`, UPLOAD, { data });
  if (fetched?.kind === "different")
    return warn(`what ${shown} serves is not what the cluster has: ${fetched.message}`, PUBLISH_AGAIN, { data });
  if (fetched?.kind === "same") return pass(`${shown} serves the cluster's own documents to everybody`, { data });
  if (isPrivateUrl(issuer)) return warn(`no provider outside can reach ${shown}`, UPLOAD, { data });
  return pass(`${shown}; its address is no private one (--fetch-issuer tries it)`, { data });
};

const judgeKeys = ({ discovery, jwks, fetched }: Facts): Verdict | undefined => {
  if (jwks.kind === "absent")
    return fail("the API server publishes no keys", "Look at its --service-account-key-file.");
  if (jwks.kind !== "read") return unjudged("the issuer's keys", jwks);
  const read = readKeySet(jwks.value);
  if (!read.ok)
    return fail(
      `the cluster's keys cannot be used: ${read.problem}`,
      "Look at the API server's --service-account-key-file.",
    );
  const { keys } = read.keySet;
  const more = { data: { keys: keys.length, keyIds: keyIds(read.keySet) } };
  const { jwksUri, issuer } = discovery.kind === "read" ? discovery.value : {};
  const isOnlyHere = jwksUri !== undefined && isPrivateUrl(jwksUri) && issuer !== undefined && !isPrivateUrl(issuer);
  if (isOnlyHere && fetched?.kind !== "same" && fetched?.kind !== "different")
    return warn(
      `the discovery document says that the keys are at ${quote(jwksUri, 300).slice(1, -1)}, which no provider outside can reach`,
      "Set --service-account-jwks-uri of the API server to a public address, or publish both documents yourself (podpass jwks).",
      more,
    );
  return pass(`${counted(keys.length, "key")} to verify tokens with`, more);
};

/** The checks, in the order of the output. */
export const ISSUER_CHECKS: readonly Check[] = [
  {
    id: "issuer",
    means:
      "The cluster's issuer is an `https` address that is not private by its name. Only `--fetch-issuer` really asks it, from here, as a provider would, without credentials, and compares the keys there with the cluster's.",
    todo: "With a private address, hand the keys to the providers, or publish both documents at a public one (`podpass jwks`). Where the keys there differ, publish again.",
    judge: judgeIssuer,
  },
  {
    id: "issuer-keys",
    means:
      "The cluster publishes public keys, and the address at which its discovery document says they are is not a private one.",
    todo: "Set `--service-account-jwks-uri`; without it the API server names its own address, which is private as a rule.",
    judge: judgeKeys,
  },
];
