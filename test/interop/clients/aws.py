"""Reads secrets with the SDK of AWS and prints them as JSON: `secret:ID[@STAGE]` and `parameter:NAME` each, then all secrets in one batch."""

import json
import os
import sys
import tempfile

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

os.environ["AWS_DEFAULT_REGION"] = os.environ["AWS_REGION"]
CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=10, read_timeout=20)


def refusal(error):
    return {"code": error.response["Error"]["Code"], "status": error.response["ResponseMetadata"]["HTTPStatusCode"]}


def read(reference):
    kind, _, name = reference.partition(":")
    try:
        if kind == "parameter":
            return boto3.client("ssm", config=CONFIG).get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        secret, _, stage = name.partition("@")
        more = {"VersionStage": stage} if stage else {}
        found = boto3.client("secretsmanager", config=CONFIG).get_secret_value(SecretId=secret, **more)
        return found.get("SecretString") or list(found["SecretBinary"])
    except ClientError as error:
        return refusal(error)


def read_together(names):
    found = boto3.client("secretsmanager", config=CONFIG).batch_get_secret_value(SecretIdList=names)
    values = {one["Name"]: one.get("SecretString") for one in found["SecretValues"]}
    return {**values, **{one["SecretId"]: {"code": one["ErrorCode"]} for one in found["Errors"]}}


with tempfile.TemporaryDirectory() as directory:
    token = os.path.join(directory, "token")
    with open(token, "w") as file:
        file.write(os.environ["SECRETCTL_ID_TOKEN"])
    os.environ["AWS_WEB_IDENTITY_TOKEN_FILE"] = token
    names = [one.partition(":")[2] for one in sys.argv[1:] if one.startswith("secret:") and "@" not in one]
    try:
        told = {reference: read(reference) for reference in sys.argv[1:]}
        json.dump({"alone": told, "together": read_together(names)}, sys.stdout)
    except ClientError as error:
        json.dump({"login": refusal(error)}, sys.stdout)
