"""Logs in and reads secrets with hvac and prints what it makes of the answers as JSON: PATH or PATH@VERSION each, below the mount "secret"."""

import json
import os
import sys

import hvac

client = hvac.Client(url=os.environ["VAULT_ADDR"], verify=os.environ["VAULT_CACERT"])


def refusal(error):
    return {"refused": type(error).__name__, "errors": error.errors}


def read(reference):
    path, _, version = reference.partition("@")
    try:
        found = client.secrets.kv.v2.read_secret_version(
            path, version=version or None, mount_point="secret", raise_on_deleted_version=True
        )
        return {**found["data"]["data"], "version": found["data"]["metadata"]["version"]}
    except hvac.exceptions.VaultError as error:
        return refusal(error)


try:
    client.auth.jwt.jwt_login(role=os.environ.get("SECRETCTL_VAULT_ROLE", ""), jwt=os.environ["SECRETCTL_ID_TOKEN"])
    told = {
        "authenticated": client.is_authenticated(),
        "secrets": {reference: read(reference) for reference in sys.argv[1:]},
    }
    dynamic = client.read("database/creds/app")
    told["dynamic"] = {"leased": dynamic["lease_id"] != "", "fields": sorted(dynamic["data"])}
    wrapped = client.read("secret/data/plain", wrap_ttl="60s")["wrap_info"]
    told["unwrapped"] = client.sys.unwrap(token=wrapped["token"])["data"]["data"]
    try:
        client.sys.unwrap(token=wrapped["token"])
    except hvac.exceptions.VaultError as error:
        told["unwrapped again"] = refusal(error)
    client.auth.token.revoke_self()
    told["after"] = read("plain")
    json.dump(told, sys.stdout)
except hvac.exceptions.VaultError as error:
    json.dump({"login": refusal(error)}, sys.stdout)
