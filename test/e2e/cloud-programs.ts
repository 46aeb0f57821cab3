/** Programs for clouds that are like AWS in what they do, with the examples of their SDKs for Python. */
import type { SdkProgram } from "../cluster/sdk-programs.ts";

/** Asks who it is, with what the SDK finds by itself. */
export const huaweiPython: SdkProgram = {
  source: `
from huaweicloudsdksts.v1 import GetCallerIdentityRequest, StsClient
from huaweicloudsdksts.v1.region.sts_region import StsRegion
client = StsClient.new_builder().with_region(StsRegion.CN_NORTH_4).build()
print(client.get_caller_identity(GetCallerIdentityRequest()).principal_urn)`,
};

/** Asks who it is, with what the SDK finds by itself. */
export const volcenginePython: SdkProgram = {
  source: `
import volcenginesdkcore
import volcenginesdksts
configuration = volcenginesdkcore.Configuration()
configuration.region = "cn-beijing"
volcenginesdkcore.Configuration.set_default(configuration)
request = volcenginesdksts.GetCallerIdentityRequest()
print(volcenginesdksts.STSApi().get_caller_identity(request).trn)`,
};

/** Asks who it is, with the chain that the SDK calls its default. */
export const tencentPython: SdkProgram = {
  source: `
from tencentcloud.common import credential
from tencentcloud.common.common_client import CommonClient
chain = credential.DefaultCredentialProvider().get_credential()
client = CommonClient("sts", "2018-08-13", chain, "ap-guangzhou")
print(client.call_json("GetCallerIdentity", {})["Response"]["Arn"])`,
};

/** Asks who it is, with what the SDK finds by itself. */
export const alibabaPython: SdkProgram = {
  source: `
from alibabacloud_credentials.client import Client as Credentials
from alibabacloud_sts20150401.client import Client
from alibabacloud_tea_openapi.models import Config
client = Client(Config(credential=Credentials(), endpoint="sts.aliyuncs.com"))
print(client.get_caller_identity().body.arn)`,
};
