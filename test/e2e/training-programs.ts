/** Programs for where models are trained, with the SDKs for Python. */
import type { SdkProgram } from "../cluster/sdk-programs.ts";

/**
 * Asks who it is, with the path and the account that it reads by itself: the SDK reads no variable for them. Without a
 * timeout the SDK would ask for a token for a quarter of an hour where it gets none.
 */
export const nebiusPython: SdkProgram = {
  source: `
import os
from nebius.aio.token.federated_credentials import FederatedCredentialsBearer
from nebius.sdk import SDK
bearer = FederatedCredentialsBearer(
    os.environ["NEBIUS_FEDERATED_CREDENTIALS_FILE"],
    service_account_id=os.environ["NEBIUS_SERVICE_ACCOUNT_ID"],
)
sdk = SDK(credentials=bearer, user_agent_prefix="reports/1.0")
bearer.set_channel(sdk)
try:
    profile = sdk.whoami(auth_timeout=10).wait()
    print(profile.service_account_profile.info.metadata.id)
finally:
    sdk.sync_close()`,
};

/** Asks who it is, with what the SDK finds by itself; it says nothing of its own and reports nothing. */
export const wandbPython: SdkProgram = {
  source: `
import os
os.environ["WANDB_SILENT"] = "true"
os.environ["WANDB_ERROR_REPORTING"] = "false"
import wandb
print(wandb.Api().viewer.username)`,
};
