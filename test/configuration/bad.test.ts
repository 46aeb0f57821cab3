import { describe, expect, it } from "vitest";
import { presetNames } from "../../src/configuration/compile.ts";
import { readConfiguration, showProblems } from "../../src/configuration/read.ts";
import { configuration } from "../support/pods.ts";

const quoted = presetNames.map((name) => `"${name}"`);

/** `text` with `<presets>` for each list of all of them: these tests are not about which there are. */
const withoutPresets = (text: string): string =>
  text.replaceAll(quoted.join(" or "), "<presets>").replaceAll(presetNames.join(", "), "<presets>");

const problemsOfFile = (text: string): string => {
  const read = readConfiguration(text);
  if (read.ok) throw new Error("the file is good");
  return withoutPresets(showProblems("podpass.yaml", read.problems));
};

const problems = (body: string): string => problemsOfFile(configuration(body));

describe("a configuration is refused for", () => {
  it("an unknown key at the top, with what was meant", () => {
    expect(
      problems(`provider: {}
`),
    ).toMatchInlineSnapshot(
      `"podpass.yaml:3:1: provider: unknown key; did you mean "providers"? allowed: apiVersion, kind, annotationPrefix, providers, nativeAnnotations, defaults, policy"`,
    );
  });

  it("another version and kind", () => {
    expect(
      problemsOfFile(`apiVersion: podpass.dev/v1
kind: Config
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:1:13: apiVersion: found "podpass.dev/v1"; allowed: "podpass.dev/v1alpha1"
      podpass.yaml:2:7: kind: found "Config"; allowed: "Configuration""
    `);
  });

  it("a missing version and kind", () => {
    expect(
      problemsOfFile(`providers: {}
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:1:1: apiVersion: nothing is written there; allowed: "podpass.dev/v1alpha1"
      podpass.yaml:1:1: kind: nothing is written there; allowed: "Configuration""
    `);
  });

  it("everything wrong at once, in the order of the file", () => {
    expect(
      problems(`annotationPrefix: Podpass.dev
providers:
  AWS: { preset: amazon }
  vault-eu:
    token: { audiance: x, mountPath: secrets, fileName: ../token, expirationSeconds: { min: 7200, max: 3600, default: 60 } }
    env: { 1A: x, VAULT: "\${parameter.rolle}" }
    parameters: { role: { pattern: "(" } }
policy:
  enforcement: warn
  exemptNamespaces: [Kube_System]
  tokens: { expirationSeconds: { min: 599, violation: clamp }, audiences: { violation: Clamp } }
  podOverrides: [audience]
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:3:19: annotationPrefix: found "Podpass.dev"; allowed: a DNS name of at most 212 characters
      podpass.yaml:5:3: providers.AWS: not a valid name; allowed: a DNS label of at most 40 characters: lower-case letters, digits and '-', not first or last
      podpass.yaml:5:18: providers.AWS.preset: found "amazon"; allowed: <presets>
      podpass.yaml:7:14: providers.vault-eu.token.audiance: unknown key; did you mean "audience"? allowed: audience, expirationSeconds, mountPath, fileName, defaultMode
      podpass.yaml:7:38: providers.vault-eu.token.mountPath: found "secrets"; allowed: an absolute path without '.', '..', ':', '$' and without '/' at its end
      podpass.yaml:7:57: providers.vault-eu.token.fileName: found "../token"; allowed: letters, digits, '-', '_' and '.', first and last a letter or digit, at most 63 characters
      podpass.yaml:7:86: providers.vault-eu.token.expirationSeconds: min 7200 is above max 3600; allowed: min up to max
      podpass.yaml:7:119: providers.vault-eu.token.expirationSeconds.default: found 60; allowed: 600 or more, the least that Kubernetes gives
      podpass.yaml:8:12: providers.vault-eu.env.1A: not a valid name; allowed: letters, digits, '_', '-' and '.', not first a digit, '-' or '.'
      podpass.yaml:8:26: providers.vault-eu.env.VAULT: there is no parameter "rolle"; did you mean "role"? allowed: role
      podpass.yaml:9:36: providers.vault-eu.parameters.role.pattern: found "("; missing closing ); allowed: an RE2 regular expression (https://github.com/google/re2/wiki/Syntax)
      podpass.yaml:11:16: policy.enforcement: found "warn"; did you mean "Warn"? allowed: "Enforce" or "Warn"
      podpass.yaml:12:22: policy.exemptNamespaces[0]: found "Kube_System"; allowed: a namespace's name, in which '*' stands for any run of characters
      podpass.yaml:13:39: policy.tokens.expirationSeconds.min: found 599; allowed: 600 or more, the least that Kubernetes gives
      podpass.yaml:13:55: policy.tokens.expirationSeconds.violation: found "clamp"; did you mean "Clamp"? allowed: "Clamp" or "Deny" or "Warn"
      podpass.yaml:13:88: policy.tokens.audiences.violation: found "Clamp"; allowed: "Deny" or "Warn"
      podpass.yaml:14:18: policy.podOverrides[0]: found "audience"; allowed: "expiration-seconds""
    `);
  });

  it.each([
    ["presett: aws, parameters: { role-arn: { valu: x } }", ["presett", "parameters.role-arn.valu"]],
    ["token: { audiance: x }", ["token.audiance"]],
    ["token: { audience: x }, parametres: { role: {} }, env: { ROLE: '${parameter.role}' }", ["parametres"]],
    ["token: { audience: x }, parameters: { Role: {} }, env: { ROLE: '${parameter.Role}' }", ["parameters.Role"]],
    ["token: { audience: x }, files: [{ nam: a }], env: { FILE: '${file.a}' }", ["files[0].name", "files[0].nam"]],
    ["preset: aws, env: [], parameters: { role-arm: {} }", ["env"]],
    ["preset: amazon, env: { AWS_REGION: null }", ["preset"]],
  ])("what is wrong, and not for what would follow from it: %s", (provider, paths) => {
    const found = problems(`providers: { a: { ${provider} } }\n`).split("\n");
    expect(found.map((text) => /providers\.a\.(\S+):/.exec(text)?.[1])).toEqual(paths);
  });

  it.each([
    ["descripton: x, token: { audience: '${token.file}' }", ["descripton", "token.audience"]],
    ["preset: aws, token: { mountPath: x }, env: { A: '${nothing}' }", ["token.mountPath", "env.A"]],
    [
      "preset: aws, parameters: { region: { valu: x } }, env: { A: '${parameter.regoin}' }",
      ["parameters.region.valu", "env.A"],
    ],
    [
      "preset: aws, shadowedBy: [1], parameters: { role-arn: { value: x } }",
      ["shadowedBy[0]", "parameters.role-arn.value"],
    ],
  ])("all that is wrong in one provider, whatever its kind: %s", (provider, paths) => {
    const found = problems(`providers: { a: { ${provider} } }\n`).split("\n");
    expect(found.map((text) => /providers\.a\.(\S+):/.exec(text)?.[1])).toEqual(paths);
  });

  it("a preset with a typo", () => {
    expect(
      problems(`providers: { a: { preset: opanai } }
`),
    ).toMatchInlineSnapshot(
      `"podpass.yaml:3:27: providers.a.preset: found "opanai"; did you mean "openai"? allowed: <presets>"`,
    );
  });

  it("a provider whose name is no DNS label", () => {
    expect(
      problems(`providers: { "a.b": { preset: aws } }
`),
    ).toMatchInlineSnapshot(
      `"podpass.yaml:3:14: providers["a.b"]: not a valid name; allowed: a DNS label of at most 40 characters: lower-case letters, digits and '-', not first or last"`,
    );
  });

  it("a provider name of 41 characters", () => {
    expect(
      problems(`providers: { ${"a".repeat(41)}: { preset: aws } }
`),
    ).toMatchInlineSnapshot(
      `"podpass.yaml:3:14: providers.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: not a valid name; allowed: a DNS label of at most 40 characters: lower-case letters, digits and '-', not first or last"`,
    );
  });

  it("names that every object has", () => {
    expect(
      problems(`providers: { __proto__: { preset: aws } }
`),
    ).toMatchInlineSnapshot(`"podpass.yaml:3:14: providers.__proto__: not a valid name; allowed: any other"`);
  });

  it("__proto__ as a parameter, a variable and a key of a file", () => {
    expect(
      problems(`providers: { a: { token: { audience: a }, parameters: { __proto__: {} }, env: { __proto__: x }, files: [{ name: f.json, json: { __proto__: x } }] } }
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:3:57: providers.a.parameters.__proto__: not a valid name; allowed: any other
      podpass.yaml:3:81: providers.a.env.__proto__: not a valid name; allowed: any other
      podpass.yaml:3:129: providers.a.files[0].json.__proto__: not a valid name; allowed: any other"
    `);
  });

  it("a provider without audience", () => {
    expect(
      problems(`providers: { a: { env: { A: "\${token.file}" } } }
`),
    ).toMatchInlineSnapshot(
      `"podpass.yaml:3:17: providers.a.token.audience: is required where no preset gives one; allowed: the audience that the service expects"`,
    );
  });

  it("a template that is none of those that are known", () => {
    expect(
      problems(`providers: { a: { token: { audience: a }, env: { A: "\${token.path} \${x} \${parameter}", B: "\${unclosed" } } }
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:3:53: providers.a.env.A: "\${token.path}" is not known; allowed: \${parameter.NAME}, \${token.file}, \${token.dir}, \${token.audience}, \${file.NAME}, \${serviceAccount.name}, \${serviceAccount.namespace}, \${subject}
      podpass.yaml:3:53: providers.a.env.A: "\${x}" is not known; allowed: \${parameter.NAME}, \${token.file}, \${token.dir}, \${token.audience}, \${file.NAME}, \${serviceAccount.name}, \${serviceAccount.namespace}, \${subject}
      podpass.yaml:3:53: providers.a.env.A: "\${parameter}" is not known; allowed: \${parameter.NAME}, \${token.file}, \${token.dir}, \${token.audience}, \${file.NAME}, \${serviceAccount.name}, \${serviceAccount.namespace}, \${subject}
      podpass.yaml:3:91: providers.a.env.B: "\${unclosed" is not known; allowed: \${parameter.NAME}, \${token.file}, \${token.dir}, \${token.audience}, \${file.NAME}, \${serviceAccount.name}, \${serviceAccount.namespace}, \${subject}"
    `);
  });

  it("a template with a parameter that is not there, with what was meant", () => {
    expect(
      problems(`providers: { a: { token: { audience: a }, parameters: { role: {} }, env: { A: "\${parameter.rol} \${parameter.role}" } } }
`),
    ).toMatchInlineSnapshot(
      `"podpass.yaml:3:79: providers.a.env.A: there is no parameter "rol"; did you mean "role"? allowed: role"`,
    );
  });

  it("a template with a parameter called like what every object has", () => {
    expect(
      problems(`providers: { a: { token: { audience: a }, env: { A: "\${parameter.constructor} \${file.toString}" } } }
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:3:53: providers.a.env.A: there is no parameter "constructor"; allowed: none, since none is defined
      podpass.yaml:3:53: providers.a.env.A: there is no file "toString"; allowed: none, since none is defined"
    `);
  });

  it("a template with a file that is not there", () => {
    expect(
      problems(`providers: { a: { token: { audience: a }, env: { A: "\${file.a.json}" }, files: [{ name: b.json, json: 1 }] } }
`),
    ).toMatchInlineSnapshot(`"podpass.yaml:3:53: providers.a.env.A: there is no file "a.json"; allowed: b.json"`);
  });

  it("an audience that names the token or a file", () => {
    expect(
      problems(`providers: { a: { token: { audience: "\${token.file}\${token.audience}\${file.x}" } } }
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:3:38: providers.a.token.audience: an audience is known before the token and its files; allowed: \${parameter.NAME}
      podpass.yaml:3:38: providers.a.token.audience: an audience is known before the token and its files; allowed: \${parameter.NAME}
      podpass.yaml:3:38: providers.a.token.audience: an audience is known before the token and its files; allowed: \${parameter.NAME}"
    `);
  });

  it("a control character in an audience", () => {
    expect(
      problems(`providers: { a: { token: { audience: "a\\u0007b" } } }
`),
    ).toMatchInlineSnapshot(
      `"podpass.yaml:3:38: providers.a.token.audience: allowed: at most 1024 characters and no control characters"`,
    );
  });

  it("an audience that is empty or too long", () => {
    expect(
      problems(`providers: { a: { token: { audience: "" } }, b: { token: { audience: ${"a".repeat(1025)} } } }
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:3:38: providers.a.token.audience: found ""; allowed: at least 1 character
      podpass.yaml:3:70: providers.b.token.audience: found "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…"; allowed: at most 1024 characters"
    `);
  });

  it("a parameter called like a key", () => {
    expect(
      problems(`providers: { a: { token: { audience: "\${parameter.audience}" }, parameters: { audience: {} } } }
`),
    ).toMatchInlineSnapshot(
      `"podpass.yaml:3:89: providers.a.parameters.audience: this name is an annotation key of its own; allowed: any but federate, inject, injected, only-containers, skip-containers, expiration-seconds, audience"`,
    );
  });

  it("a parameter called like a file", () => {
    expect(
      problems(`providers: { a: { token: { audience: a }, parameters: { role: {} }, env: { A: "\${parameter.role}" }, files: [{ name: role, text: x }] } }
`),
    ).toMatchInlineSnapshot(
      `"podpass.yaml:3:63: providers.a.parameters.role: a file has this name; allowed: another name"`,
    );
  });

  it("a file called like a key", () => {
    expect(
      problems(`providers: { a: { token: { audience: a }, files: [{ name: skip-containers, text: x }] } }
`),
    ).toMatchInlineSnapshot(
      `"podpass.yaml:3:51: providers.a.files[0]: this name is an annotation key of its own; allowed: any but federate, inject, injected, only-containers, skip-containers, expiration-seconds, audience"`,
    );
  });

  it("a file called like the token, and two of one name", () => {
    expect(
      problems(`providers: { a: { token: { audience: a }, files: [{ name: token, text: x }, { name: x, text: x }, { name: x, json: 1 }] } }
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:3:51: providers.a.files[0]: the token's file is called "token" too; allowed: another name
      podpass.yaml:3:99: providers.a.files[2]: a file "x" is there already; allowed: one file of a name"
    `);
  });

  it("a file of properties with a key or a value that none can be", () => {
    expect(
      problems(`providers: { a: { token: { audience: a }, files: [{ name: x, properties: { "": a, b: null, c: [1] } }] } }
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:3:76: providers.a.files[0].properties[""]: not a valid name; allowed: a key that is not empty and has no control characters
      podpass.yaml:3:86: providers.a.files[0].properties.b: found null; allowed: a text, a number, true or false
      podpass.yaml:3:95: providers.a.files[0].properties.c: found a list; allowed: a text, a number, true or false"
    `);
  });

  it("a file with both contents, and one with none", () => {
    expect(
      problems(`providers: { a: { token: { audience: a }, files: [{ name: x, text: x, json: 1 }, { name: y }] } }
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:3:51: providers.a.files[0]: found a mapping; allowed: exactly one of \`json\`, \`toml\`, \`ini\`, \`properties\` and \`text\`
      podpass.yaml:3:82: providers.a.files[1]: found a mapping; allowed: exactly one of \`json\`, \`toml\`, \`ini\`, \`properties\` and \`text\`"
    `);
  });

  it("a number in a file that would be written as another one", () => {
    expect(
      problems(`providers:
  a:
    token: { audience: a }
    files:
      - { name: j, json: { a: [1, { principal: 113456789012345678901 }], b: 9007199254740991 } }
      - { name: t, toml: { project: -9007199254740993, ratio: 1.5 } }
      - { name: i, ini: { default: { project: 9007199254740993 } } }
      - { name: p, properties: { project: 9007199254740993, text: "9007199254740993" } }
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:7:48: providers.a.files[0].json.a[1].principal: found 113456789012345680000; allowed: a whole number of at most 9007199254740991, or a longer one in quotes
      podpass.yaml:8:37: providers.a.files[1].toml.project: found -9007199254740992; allowed: a whole number of at most 9007199254740991, or a longer one in quotes
      podpass.yaml:9:47: providers.a.files[2].ini.default.project: found 9007199254740992; allowed: a whole number of at most 9007199254740991, or a longer one in quotes
      podpass.yaml:10:43: providers.a.files[3].properties.project: found 9007199254740992; allowed: a whole number of at most 9007199254740991, or a longer one in quotes"
    `);
  });

  it("references inside a file that are none, and a preset's file with the token's name", () => {
    expect(
      problems(`providers:
  a:
    token: { audience: a }
    files:
      - name: x
        json:
          list: [plain, "\${parameter.rol}"]
      - name: y
        text: |
          first
          \${tokn.file}
  gcp:
    preset: gcp
    token: { fileName: credentials.json }
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:9:25: providers.a.files[0].json.list[1]: there is no parameter "rol"; allowed: none, since none is defined
      podpass.yaml:11:15: providers.a.files[1].text: "\${tokn.file}" is not known; allowed: \${parameter.NAME}, \${token.file}, \${token.dir}, \${token.audience}, \${file.NAME}, \${serviceAccount.name}, \${serviceAccount.namespace}, \${subject}
      podpass.yaml:15:5: providers.gcp.files: the token's file is called "credentials.json" too; allowed: another name"
    `);
  });

  it("a file that depends on a parameter that is not there", () => {
    expect(
      problems(`providers: { a: { token: { audience: a }, files: [{ name: x, text: x, when: { mode: b } }] } }
`),
    ).toMatchInlineSnapshot(
      `"podpass.yaml:3:77: providers.a.files[0].when: there is no parameter "mode"; allowed: none, since none is defined"`,
    );
  });

  it("a parameter with a value and a default", () => {
    expect(
      problems(`providers: { a: { token: { audience: "\${parameter.p}" }, parameters: { p: { value: a, default: b } } } }
`),
    ).toMatchInlineSnapshot(
      `"podpass.yaml:3:75: providers.a.parameters.p: has both a value and a default; allowed: one of them"`,
    );
  });

  it("a pattern that is not RE2, in the words of who wrote it", () => {
    expect(
      problems(`providers:
  a:
    token: { audience: "\${parameter.p}\${parameter.q}" }
    parameters:
      p: { pattern: "^(?!root).+$", default: root }
      q: { pattern: "a)(b" }
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:7:21: providers.a.parameters.p.pattern: found "^(?!root).+$"; a look-ahead is not RE2; allowed: an RE2 regular expression (https://github.com/google/re2/wiki/Syntax)
      podpass.yaml:8:21: providers.a.parameters.q.pattern: found "a)(b"; unexpected ); allowed: an RE2 regular expression (https://github.com/google/re2/wiki/Syntax)"
    `);
  });

  it("a pattern that is too long or too large", () => {
    expect(
      problems(`providers: { a: { token: { audience: "\${parameter.p}\${parameter.q}" }, parameters: { p: { pattern: "(${"a".repeat(1024)}" }, q: { pattern: "(a?){1000}" } } } }
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:3:100: providers.a.parameters.p.pattern: found "(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…"; allowed: at most 1024 characters
      podpass.yaml:3:1145: providers.a.parameters.q.pattern: found "(a?){1000}"; its repetitions make it too large, 4002 steps; allowed: an RE2 regular expression (https://github.com/google/re2/wiki/Syntax) of at most 2048 steps"
    `);
  });

  it("a default of a preset that does not match another pattern", () => {
    expect(
      problems(`providers: { azure: { preset: azure, parameters: { authority-host: { pattern: "https://login.example.com/" } } } }
`),
    ).toMatchInlineSnapshot(
      `"podpass.yaml:3:68: providers.azure.parameters.authority-host.default: found "https://login.microsoftonline.com/"; allowed: https://login.example.com/"`,
    );
  });

  it("a default that does not match, since patterns are anchored", () => {
    expect(
      problems(`providers: { a: { token: { audience: "\${parameter.p}" }, parameters: { p: { pattern: "[a-z]|b", default: ab } } } }
`),
    ).toMatchInlineSnapshot(`"podpass.yaml:3:106: providers.a.parameters.p.default: found "ab"; allowed: [a-z]|b"`);
  });

  it("a value that does not match the pattern of its preset", () => {
    expect(
      problems(`providers: { azure: { preset: azure, parameters: { tenant-id: { value: "not a tenant" } } } }
`),
    ).toMatchInlineSnapshot(
      `"podpass.yaml:3:72: providers.azure.parameters.tenant-id.value: found "not a tenant"; allowed: ^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-9A-Za-z-]+\\.[0-9A-Za-z.-]+)$"`,
    );
  });

  it("a value with a control character, or one that is too long", () => {
    expect(
      problems(`providers: { a: { token: { audience: "\${parameter.p}" }, parameters: { p: { value: "a\\tb" } } }, b: { token: { audience: "\${parameter.q}" }, parameters: { q: { value: ${"a".repeat(1025)} } } } }
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:3:84: providers.a.parameters.p.value: found "a\\u0009b"; allowed: at most 1024 characters and no control characters
      podpass.yaml:3:168: providers.b.parameters.q.value: found "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…"; allowed: at most 1024 characters and no control characters"
    `);
  });

  it("a value that YAML does not read as a text", () => {
    expect(
      problems(`providers: { a: { token: { audience: "\${parameter.p}" }, parameters: { p: { value: 123 } }, env: { A: true } } }
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:3:84: providers.a.parameters.p.value: found 123; allowed: a string (in quotes, if YAML reads it as something else)
      podpass.yaml:3:103: providers.a.env.A: found true; allowed: a template (in quotes, if YAML reads it as something else), \`{ value: …, when: … }\`, or null"
    `);
  });

  it("a parameter of a preset with a typo", () => {
    expect(
      problems(`providers: { aws: { preset: aws, parameters: { regoin: { default: eu-west-1 } } } }
`),
    ).toMatchInlineSnapshot(
      `"podpass.yaml:3:56: providers.aws.parameters.regoin: no template uses it; did you mean "region"?"`,
    );
  });

  it("null for a variable that the preset does not have", () => {
    expect(
      problems(`providers: { aws: { preset: aws, env: { AWS_REGOIN: null } } }
`),
    ).toMatchInlineSnapshot(
      `"podpass.yaml:3:53: providers.aws.env.AWS_REGOIN: null takes away a variable of the preset, which has none of this name"`,
    );
  });

  it("a conflict with a provider that is not there", () => {
    expect(
      problems(`providers: { aws: { preset: aws, conflictsWith: [coreweave-object-storag] } }
`),
    ).toMatchInlineSnapshot(
      `"podpass.yaml:3:49: providers.aws.conflictsWith: there is no provider or preset "coreweave-object-storag"; did you mean "coreweave-object-storage"? allowed: <presets>"`,
    );
  });

  it("lifetimes outside of what Kubernetes gives", () => {
    expect(
      problems(`providers: { a: { token: { audience: a, expirationSeconds: { min: 599, max: 4294967297, default: 1.5 } } } }
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:3:67: providers.a.token.expirationSeconds.min: found 599; allowed: 600 or more, the least that Kubernetes gives
      podpass.yaml:3:77: providers.a.token.expirationSeconds.max: found 4294967297; allowed: 4294967296 or less, the most that Kubernetes gives
      podpass.yaml:3:98: providers.a.token.expirationSeconds.default: found 1.5; allowed: a whole number of seconds"
    `);
  });

  it("a minimum above the maximum, also the one of a preset", () => {
    expect(
      problems(`providers: { azure: { preset: azure, token: { expirationSeconds: { max: 1800 } } } }
policy: { tokens: { expirationSeconds: { min: 7200, max: 3600 } } }
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:3:66: providers.azure.token.expirationSeconds: min 3600 is above max 1800; allowed: min up to max
      podpass.yaml:4:40: policy.tokens.expirationSeconds: min 7200 is above max 3600; allowed: min up to max"
    `);
  });

  it("a default outside the provider's own bounds", () => {
    expect(
      problems(`providers: { anthropic: { preset: anthropic, token: { expirationSeconds: { default: 7200 } } } }
`),
    ).toMatchInlineSnapshot(
      `"podpass.yaml:3:85: providers.anthropic.token.expirationSeconds.default: found 7200; allowed: 600 to 3600, the provider's own bounds"`,
    );
  });

  it("mount paths that Kubernetes or an application would read differently", () => {
    expect(
      problems(`providers:
  a: { token: { audience: a, mountPath: relative } }
  b: { token: { audience: a, mountPath: /a/../b } }
  c: { token: { audience: a, mountPath: /a/ } }
  d: { token: { audience: a, mountPath: "/a:b" } }
  e: { token: { audience: a, mountPath: /$HOME } }
  f: { token: { audience: a, mountPath: / } }
  g: { token: { audience: a, mountPath: //a } }
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:4:41: providers.a.token.mountPath: found "relative"; allowed: an absolute path without '.', '..', ':', '$' and without '/' at its end
      podpass.yaml:5:41: providers.b.token.mountPath: found "/a/../b"; allowed: an absolute path without '.', '..', ':', '$' and without '/' at its end
      podpass.yaml:6:41: providers.c.token.mountPath: found "/a/"; allowed: an absolute path without '.', '..', ':', '$' and without '/' at its end
      podpass.yaml:7:41: providers.d.token.mountPath: found "/a:b"; allowed: an absolute path without '.', '..', ':', '$' and without '/' at its end
      podpass.yaml:8:41: providers.e.token.mountPath: found "/$HOME"; allowed: an absolute path without '.', '..', ':', '$' and without '/' at its end
      podpass.yaml:9:41: providers.f.token.mountPath: found "/"; allowed: an absolute path without '.', '..', ':', '$' and without '/' at its end
      podpass.yaml:10:41: providers.g.token.mountPath: found "//a"; allowed: an absolute path without '.', '..', ':', '$' and without '/' at its end"
    `);
  });

  it("file names that leave the volume", () => {
    expect(
      problems(`providers: { a: { token: { audience: a, fileName: .. }, files: [{ name: a/b, text: x }, { name: ..data, text: x }] } }
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:3:51: providers.a.token.fileName: found ".."; allowed: letters, digits, '-', '_' and '.', first and last a letter or digit, at most 63 characters
      podpass.yaml:3:73: providers.a.files[0].name: found "a/b"; allowed: letters, digits, '-', '_' and '.', first and last a letter or digit, at most 63 characters
      podpass.yaml:3:97: providers.a.files[1].name: found "..data"; allowed: letters, digits, '-', '_' and '.', first and last a letter or digit, at most 63 characters"
    `);
  });

  it("a mode outside of 0 to 0777", () => {
    expect(
      problems(`providers: { a: { token: { audience: a, defaultMode: 512 } } }
`),
    ).toMatchInlineSnapshot(`"podpass.yaml:3:54: providers.a.token.defaultMode: found 512; allowed: at most 511"`);
  });

  it("namespaces that are none", () => {
    expect(
      problems(`providers: { a: { token: { audience: a }, allowedNamespaces: [Production, "a.b", ""] } }
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:3:63: providers.a.allowedNamespaces[0]: found "Production"; allowed: a namespace's name, in which '*' stands for any run of characters
      podpass.yaml:3:75: providers.a.allowedNamespaces[1]: found "a.b"; allowed: a namespace's name, in which '*' stands for any run of characters
      podpass.yaml:3:82: providers.a.allowedNamespaces[2]: found ""; allowed: a namespace's name, in which '*' stands for any run of characters"
    `);
  });

  it("a list where a mapping belongs, and the other way round", () => {
    expect(
      problems(`providers: []
policy: { exemptNamespaces: kube-system }
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:3:12: providers: found a list; allowed: a mapping of names
      podpass.yaml:4:29: policy.exemptNamespaces: found "kube-system"; allowed: a list"
    `);
  });

  it("nothing where a mapping belongs", () => {
    expect(
      problems(`providers:
policy:
`),
    ).toMatchInlineSnapshot(`
      "podpass.yaml:3:11: providers: found null; allowed: a mapping of names
      podpass.yaml:4:8: policy: found null; allowed: a mapping"
    `);
  });

  it("a tab as indentation", () => {
    expect(
      problems(`providers:
	aws: {}
`),
    ).toMatchInlineSnapshot(`"podpass.yaml:4:1: Tabs are not allowed as indentation"`);
  });

  it("a key that is there twice", () => {
    expect(
      problems(`providers: { aws: { preset: aws }, aws: { preset: gcp } }
`),
    ).toMatchInlineSnapshot(`"podpass.yaml:3:36: key "aws" is there twice; allowed: once"`);
  });

  it("an alias without anchor", () => {
    expect(
      problems(`providers: { a: *b }
`),
    ).toMatchInlineSnapshot(`"podpass.yaml:3:17: there is no anchor "b" in front of this alias; allowed: one that is"`);
  });

  it("an alias inside its own anchor", () => {
    expect(
      problems(`providers: &a { a: *a }
`),
    ).toMatchInlineSnapshot(`"podpass.yaml:3:20: this alias stands inside its own anchor "a"; allowed: one that ends"`);
  });

  it("a tag that is not known", () => {
    expect(
      problems(`providers: !ruby/object {}
`),
    ).toMatchInlineSnapshot(`"podpass.yaml:3:12: Unresolved tag: !ruby/object"`);
  });

  it("a second document", () => {
    expect(
      problems(`---
x: 1
`),
    ).toMatchInlineSnapshot(`"podpass.yaml:3:1: a second document starts here; allowed: one"`);
  });

  it("an empty file", () => {
    expect(problemsOfFile(``)).toMatchInlineSnapshot(
      `"podpass.yaml:1:1: the file is empty; allowed: apiVersion: podpass.dev/v1alpha1, kind: Configuration, …"`,
    );
  });

  it("only a comment", () => {
    expect(
      problemsOfFile(`# nothing yet
`),
    ).toMatchInlineSnapshot(
      `"podpass.yaml:1:1: the file is empty; allowed: apiVersion: podpass.dev/v1alpha1, kind: Configuration, …"`,
    );
  });

  it("a file that is a list", () => {
    expect(
      problemsOfFile(`- a
`),
    ).toMatchInlineSnapshot(`"podpass.yaml:1:1: found a list; allowed: a mapping"`);
  });

  it("a file that is a text", () => {
    expect(
      problemsOfFile(`hello
`),
    ).toMatchInlineSnapshot(`"podpass.yaml:1:1: found "hello"; allowed: a mapping"`);
  });

  it("broken JSON", () => {
    expect(problemsOfFile(`{"apiVersion": "podpass.dev/v1alpha1",, }`)).toMatchInlineSnapshot(
      `"podpass.yaml:1:39: Unexpected , in flow map"`,
    );
  });
});
