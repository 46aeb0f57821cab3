import { expect, it } from "vitest";
import { driftProblems } from "../../src/cli/policy-drift.ts";
import type { ServeOptions } from "../../src/cli/serve-options.ts";

it.each<[ServeOptions, readonly RegExp[]]>([
  [{}, []],
  [{ policies: "podpass", policiesExempt: ["legacy"], validatingPoliciesOnly: true }, []],
  [{ policies: "Podpass/x" }, [/^--policies: "Podpass\/x" is no name; allowed: /]],
  [{ policies: "podpass", manifests: "deploy" }, [/^--policies needs a cluster/]],
  [{ policiesExempt: ["legacy"] }, [/need --policies NAME/]],
  [{ validatingPoliciesOnly: true }, [/need --policies NAME/]],
])("the options of policies in %j", (options, problems) => {
  const found = driftProblems(options);
  expect(found).toHaveLength(problems.length);
  for (const [index, problem] of problems.entries()) expect(found[index]).toMatch(problem);
});
