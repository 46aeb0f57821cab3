/** What the parameters of generated configurations take. */
import type { Parameter } from "../../../../src/configuration/settings.ts";
import { PATTERNS } from "./patterns.ts";

/** What the presets' parameters take. */
const GOOD: Readonly<Record<string, string>> = {
  "role-arn": "arn:aws:iam::123456789012:role/my-api",
  region: "eu-west-1",
  "session-name": "me",
  "workload-identity-provider": "projects/1/locations/global/workloadIdentityPools/p/providers/x",
  "client-id": "11111111-2222-3333-4444-555555555555",
  "tenant-id": "99999999-2222-3333-4444-555555555555",
  role: "my-role",
  "token-audience": "https://vault.example.com",
};

/** What a parameter takes; nothing where that is not known. */
export const goodValues = ({ name, patternText }: Pick<Parameter, "name" | "patternText">): readonly string[] => {
  const good = GOOD[name];
  return PATTERNS.get(patternText) ?? (good === undefined ? [] : [good]);
};
