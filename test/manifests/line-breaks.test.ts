import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { podpassInside } from "../cli/podpass.ts";

// As kubectl reads it, a ServiceAccount's audience would be a volume with the node's disk in it.
const LINES = ["x", "            path: token", "  - name: disk", "    hostPath:", "      path:", "        /"];

const accountWith = (audience: string): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: {
      name: "s",
      annotations: {
        "podpass.dev/federate": "aws",
        "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/x",
        "aws.podpass.dev/audience": audience,
      },
    },
  }).replace(/[\u0085\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

const PODS: readonly (readonly [notation: string, pod: string])[] = [
  ["a block", "spec:\n  serviceAccountName: s\n  containers:\n  - name: c\n    image: i\n"],
  ["a flow", "spec: { serviceAccountName: s, containers: [{ name: c, image: i }] }\n"],
  ["an empty list", "spec:\n  serviceAccountName: s\n  volumes: []\n  containers:\n  - name: c\n    image: i\n"],
  [
    "anchors, so that it is written anew",
    "spec:\n  serviceAccountName: s\n  containers:\n  - &c\n    name: c\n    image: i\n  - <<: *c\n    name: d\n",
  ],
];

describe.each(["\u2028", "\u2029"])("a line break of YAML 1.1, %j", (character) => {
  const audience = LINES.join(character);

  it.each(PODS)("begins no line of the pod that it goes into: %s", async (_notation, pod) => {
    const stdin = `${accountWith(audience)}\n---\nkind: Pod\napiVersion: v1\nmetadata:\n  name: p\n${pod}`;
    const { stdout, exitCode } = await podpassInside(["inject", "-f", "-"], { stdin });
    expect(exitCode).toBe(0);
    expect(stdout).not.toMatch(/[\u0085\u2028\u2029]/);
    const [, written] = parseAllDocuments(stdout);
    const [volume] = written?.toJS({ maxAliasCount: 10 }).spec.volumes ?? [];
    expect(volume.projected.sources[0].serviceAccountToken.audience).toBe(audience);
  });

  it("begins none of a ServiceAccount that is migrated", async () => {
    const stdin = `kind: ServiceAccount\napiVersion: v1\nmetadata:\n  name: s\n  annotations:\n    eks.amazonaws.com/role-arn: arn:aws:iam::123456789012:role/x\n    eks.amazonaws.com/audience: ${JSON.stringify(audience).replaceAll(character, `\\u${character.charCodeAt(0).toString(16)}`)}\n`;
    for (const more of [[], ["--keep"]]) {
      const { stdout } = await podpassInside(["migrate", "-f", "-", "-o", "yaml", ...more], { stdin });
      expect(stdout).not.toMatch(/[\u2028\u2029]/);
      expect(parseAllDocuments(stdout)[0]?.toJS().metadata.annotations["aws.podpass.dev/audience"]).toBe(audience);
    }
  });
});
