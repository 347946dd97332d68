"""Logs in and reads secrets with CyberArk's own client and prints them as JSON: IDs alone, then all that could be read together."""

import json
import os
import sys

from conjur_api import Client
from conjur_api.errors.errors import HttpStatusError
from conjur_api.models import ConjurConnectionInfo, SslVerificationMode
from conjur_api.providers.jwt_authentication_strategy import JWTAuthenticationStrategy

connection = ConjurConnectionInfo(
    conjur_url=os.environ["CONJUR_APPLIANCE_URL"],
    account=os.environ["CONJUR_ACCOUNT"],
    cert_file=os.environ["CONJUR_CERT_FILE"],
    service_id=os.environ["CONJUR_AUTHN_JWT_SERVICE_ID"],
)
client = Client(
    connection,
    ssl_verification_mode=SslVerificationMode.CA_BUNDLE,
    authn_strategy=JWTAuthenticationStrategy(os.environ["SECRETCTL_ID_TOKEN"]),
    async_mode=False,
)


def refusal(error):
    """The status, and the code of the message where there is one."""
    try:
        message = json.loads(error.response)["error"]["message"]
    except ValueError:
        message = error.response
    return {"status": error.status, "message": message.split(" ")[0]}


def read(reference):
    path, _, version = reference.partition("@")
    try:
        return client.get(path, version or None).decode("utf-8")
    except HttpStatusError as error:
        return refusal(error)


def read_together(paths):
    try:
        return client.get_many(*paths)
    except HttpStatusError as error:
        return refusal(error)


try:
    alone = {reference: read(reference) for reference in sys.argv[1:]}
    json.dump({"alone": alone, "together": read_together([one for one in sys.argv[1:] if "@" not in one])}, sys.stdout)
except HttpStatusError as error:
    json.dump({"login": refusal(error)}, sys.stdout)
