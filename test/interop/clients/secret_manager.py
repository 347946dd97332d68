"""Reads secrets with Google's own clients and prints them as JSON: NAME or NAME/versions/VERSION each."""

import json
import os
import sys
import tempfile

os.environ["REQUESTS_CA_BUNDLE"] = os.environ["SECRETCTL_CA_FILE"]

from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import GoogleAPICallError
from google.auth import identity_pool
from google.auth.exceptions import GoogleAuthError
from google.cloud.secretmanager_v1 import SecretManagerServiceClient

address = os.environ["CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER"]
provider = "projects/{}/locations/global/workloadIdentityPools/{}/providers/{}".format(
    os.environ["GCP_PROJECT_NUMBER"],
    os.environ["GCP_WORKLOAD_IDENTITY_FEDERATION_POOL_ID"],
    os.environ["GCP_WORKLOAD_IDENTITY_FEDERATION_PROVIDER_ID"],
)
with tempfile.TemporaryDirectory() as directory:
    token = os.path.join(directory, "token")
    with open(token, "w") as file:
        file.write(os.environ["SECRETCTL_ID_TOKEN"])
    info = {
        "type": "external_account",
        "audience": "//iam.googleapis.com/" + provider,
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": address + "/v1/token",
        "credential_source": {"file": token},
    }
    account = os.environ.get("SECRETCTL_GCP_SERVICE_ACCOUNT")
    if account is not None:
        info["service_account_impersonation_url"] = (
            address + "/v1/projects/-/serviceAccounts/" + account + ":generateAccessToken"
        )
    scopes = ["https://www.googleapis.com/auth/cloud-platform"]
    credentials = identity_pool.Credentials.from_info(info, scopes=scopes)
    client = SecretManagerServiceClient(
        credentials=credentials,
        transport="rest",
        client_options=ClientOptions(api_endpoint=address),
    )

    def read(reference):
        name, _, version = reference.partition("/versions/")
        parent = "projects/{}/secrets/{}".format(os.environ["GOOGLE_CLOUD_PROJECT"], name)
        try:
            answer = client.access_secret_version(name=f"{parent}/versions/{version or 'latest'}", retry=None)
        except GoogleAPICallError as error:
            return {"code": error.code.value if hasattr(error.code, "value") else error.code, "reason": error.reason}
        except GoogleAuthError as error:
            return {"refused": str(error.args[0]).split(":")[0]}
        return {"value": answer.payload.data.decode("latin1"), "checksum": answer.payload.data_crc32c}

    json.dump({reference: read(reference) for reference in sys.argv[1:]}, sys.stdout)
