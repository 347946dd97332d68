"""Reads secrets with Microsoft's own clients and prints them as JSON: NAME or NAME/VERSION each."""

import json
import os
import sys

from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import ClientAssertionCredential
from azure.keyvault.secrets import SecretClient

ca = os.environ["SECRETCTL_CA_FILE"]
credential = ClientAssertionCredential(
    os.environ["AZURE_TENANT_ID"],
    os.environ["AZURE_CLIENT_ID"],
    lambda: os.environ["SECRETCTL_ID_TOKEN"],
    authority=os.environ["AZURE_AUTHORITY_HOST"],
    disable_instance_discovery=True,
    connection_verify=ca,
)
client = SecretClient(
    os.environ["AZURE_KEY_VAULT_SERVER_URL"],
    credential,
    verify_challenge_resource=False,
    connection_verify=ca,
    retry_total=0,
)


def read(reference):
    name, _, version = reference.partition("/")
    try:
        return client.get_secret(name, version or None).value
    except ResourceNotFoundError as error:
        return {"missing": error.error.code}
    except ClientAuthenticationError as error:
        return {"refused": error.message.split(":")[0].split(" ")[-1]}
    except HttpResponseError as error:
        return {"status": error.status_code, "code": error.error.code, "inner": (error.error.innererror or {}).get("code")}


json.dump({reference: read(reference) for reference in sys.argv[1:]}, sys.stdout)
