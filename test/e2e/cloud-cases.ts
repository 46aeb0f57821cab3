/** The SDKs of clouds that are like AWS in what they do. */
import { alibaba } from "../cluster/relying-parties/alibaba.ts";
import { huaweiCloud } from "../cluster/relying-parties/huawei-cloud.ts";
import { tencent } from "../cluster/relying-parties/tencent.ts";
import { volcengine } from "../cluster/relying-parties/volcengine.ts";
import { alibabaPython, huaweiPython, tencentPython, volcenginePython } from "./cloud-programs.ts";
import { document, field, type Registered, type SdkCase } from "./sdk-cases.ts";
import type { Told } from "./trust.ts";

/** What the forms of these clouds' consoles take. */
const fromForms = (told: Told): Registered => ({
  issuer: field(told, "issuer"),
  audience: field(told, "clientId"),
  subjects: [field(told, "subject")],
});

const huaweiCase: SdkCase = {
  provider: "huawei-cloud",
  language: "python",
  program: huaweiPython,
  parameters: {
    "provider-urn": "iam::abc:oidc-provider:my-cluster",
    "agency-urn": "iam::abc:agency:reports",
    "session-name": "reports",
    "project-id": "0123456789abcdef0123456789abcdef",
  },
  platform: () => ({ "token-audience": "my-cluster" }),
  hosts: ["sts.cn-north-4.myhuaweicloud.com"],
  registered: fromForms,
  provide: (told, trust) => [
    huaweiCloud({ trust, providerUrn: field(told, "providerUrn"), agencyUrn: field(told, "agencyUrn") }),
  ],
  prints: () => "iam::abc:assumed-agency:reports/reports",
};

const volcengineCase: SdkCase = {
  provider: "volcengine",
  language: "python",
  program: volcenginePython,
  parameters: { "role-trn": "trn:iam::2100000000:role/reports", "session-name": "november" },
  hosts: ["sts.volcengineapi.com", "open.volcengineapi.com"],
  registered: fromForms,
  provide: (told, trust) => [volcengine({ trust, roleTrn: field(told, "roleTrn") })],
  prints: () => "trn:sts::2100000000:assumed-role/reports/november",
};

const tencentCase: SdkCase = {
  provider: "tencent",
  language: "python",
  program: tencentPython,
  parameters: {
    "role-arn": "qcs::cam::uin/100000000001:roleName/reports",
    "provider-id": "my-cluster",
    region: "ap-guangzhou",
  },
  // The chain asks the machine itself first; there is nobody at that port.
  hosts: ["sts.tencentcloudapi.com", "metadata.tencentyun.com"],
  registered: fromForms,
  provide: (told, trust) => [tencent({ trust, providerId: "my-cluster", roleArn: field(told, "roleArn") })],
  prints: () => "qcs::cam::uin/100000000001:roleName/reports",
};

interface RamTrustPolicy {
  readonly Statement: readonly [{ readonly Condition: { readonly StringEquals: Record<string, string> } }];
}

const alibabaCase: SdkCase = {
  provider: "alibaba",
  language: "python",
  program: alibabaPython,
  parameters: { "role-arn": "acs:ram::1234567890123456:role/reports", "session-name": "november" },
  platform: () => ({ "provider-arn": "acs:ram::1234567890123456:oidc-provider/my-cluster" }),
  hosts: ["sts.aliyuncs.com"],
  registered: (told) => {
    const [{ Condition }] = document<RamTrustPolicy>(told, "trust-policy").Statement;
    const { "oidc:iss": issuer = "", "oidc:aud": audience = "", "oidc:sub": subject = "" } = Condition.StringEquals;
    return { issuer, audience, subjects: [subject] };
  },
  provide: (told, trust) => [
    alibaba({ trust, providerArn: field(told, "providerArn"), roleArn: field(told, "roleArn") }),
  ],
  prints: () => "acs:ram::1234567890123456:assumed-role/reports/november",
};

/** By the name of the ServiceAccount. */
export const cloudCases: Readonly<Record<string, SdkCase>> = {
  "huawei-cloud-python": huaweiCase,
  "volcengine-python": volcengineCase,
  "tencent-python": tencentCase,
  "alibaba-python": alibabaCase,
};
