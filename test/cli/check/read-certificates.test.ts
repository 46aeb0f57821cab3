import { describe, expect, it } from "vitest";
import { createAuthority } from "../../../scripts/certificates.ts";
import { readCaBundle, readCaSecret, readLeaf } from "../../../src/cli/check/read-certificates.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const HOST = "podpass.podpass-system.svc";

describe("certificates", () => {
  it("of a bundle are read one by one, whatever stands between them", async () => {
    const [one, two] = [await createAuthority("one"), await createAuthority("two")];
    const bundle = readCaBundle(base64(`# the old one\n${one.ca}\n# the new one\r\n${two.ca}`));
    expect(bundle).toMatchObject({ certificates: [{ subject: "CN=one" }, { subject: "CN=two" }] });
  });

  it.each([
    ["", undefined],
    [base64("no PEM"), { problem: "there is no PEM certificate in it" }],
    [base64("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), { problem: expect.any(String) }],
    [base64("-----BEGIN CERTIFICATE-----"), { problem: expect.any(String) }],
    ["%%%", { problem: "there is no PEM certificate in it" }],
  ])("that are none are a problem: %j", (text, expected) => {
    expect(readCaBundle(text)).toEqual(expected);
  });

  it("of the CA's Secret are read without its key", async () => {
    const { ca } = await createAuthority("managed");
    const secret = { data: { "ca.crt": base64(ca), "ca.key": base64("the key") } };
    expect(readCaSecret(secret)).toMatchObject({ current: { certificates: [{ subject: "CN=managed" }] } });
    expect(readCaSecret({})).toEqual({ current: undefined, previous: undefined });
  });

  it.each([
    ["the Service's name and a CA of the bundle", [HOST], true, { isForService: true, isTrusted: true }],
    ["another name", ["localhost"], true, { isForService: false, isTrusted: true }],
    ["another CA", [HOST], false, { isForService: true, isTrusted: false }],
  ] as const)("that are served are held against %s", async (_, names, isOurs, expected) => {
    const authority = await createAuthority();
    const { cert } = await authority.issue({ names });
    const { ca } = isOurs ? authority : await createAuthority();
    const context = { secret: "tls", key: "tls.crt", host: HOST, caBundles: [base64(ca), ""] };
    expect(readLeaf({ data: { "tls.crt": base64(cert) } }, context)).toMatchObject(expected);
    expect(readLeaf({ data: {} }, context)).toBeUndefined();
  });

  it("that are served have to be vouched for by each bundle", async () => {
    const authority = await createAuthority();
    const { cert } = await authority.issue({ names: [HOST] });
    const caBundles = [base64(authority.ca), base64((await createAuthority()).ca)];
    const context = { secret: "tls", key: "tls.crt", host: HOST, caBundles };
    expect(readLeaf({ data: { "tls.crt": base64(cert) } }, context)).toMatchObject({ isTrusted: false });
  });
});
