#!/bin/sh
# The clients that Microsoft and Google ship for Python, in an environment of its own below .tools/: of the emulators of their
# vaults, lowkey-vault and gcp-secret-manager-emulator, neither can be had from a registry. These show that the strict servers
# speak as the services do.
set -eu

versions='azure-identity==1.27.0 azure-keyvault-secrets==4.12.0 google-auth==2.62.2 requests==2.34.2 google-cloud-secret-manager==2.32.0'
place=.tools/cloud-clients

if [ "$(cat "$place/version" 2>/dev/null)" = "$versions" ]; then exit 0; fi
rm -rf "$place"
python3 -m venv "$place"
# shellcheck disable=SC2086 # a list of words
"$place/bin/pip" install -q --no-compile --disable-pip-version-check $versions
printf '%s\n' "$versions" >"$place/version"
