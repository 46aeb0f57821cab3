import { expect, it } from "vitest";
import { NEWEST_TESTED, OLDEST_TESTED, showVersion } from "../../src/check/versions.ts";
import { kubernetesVersions } from "../cluster/controlplane/versions.ts";

it("says what the tests run", () => {
  const versions = kubernetesVersions();
  expect([showVersion(OLDEST_TESTED), showVersion(NEWEST_TESTED)]).toEqual([versions[0], versions.at(-1)]);
});
