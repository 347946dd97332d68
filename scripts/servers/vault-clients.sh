#!/bin/sh
# The clients that CyberArk and AWS ship for Python, and the one that Python programs use for Vault and OpenBao, in an environment of
# its own below .tools/: of the servers none but moto can be had from a registry, and that checks no signature. These show that
# the strict servers speak as the products do.
set -eu

versions='boto3==1.44.5 conjur-api==0.2.0 hvac==2.4.0'
place=.tools/vault-clients

if [ "$(cat "$place/version" 2>/dev/null)" = "$versions" ]; then exit 0; fi
rm -rf "$place"
python3 -m venv "$place"
# shellcheck disable=SC2086 # a list of words
"$place/bin/pip" install -q --no-compile --disable-pip-version-check $versions
printf '%s\n' "$versions" >"$place/version"
