#!/bin/sh
# The client that CyberArk ships for Conjur in Python, and the one that Python programs use for Vault and OpenBao, in an
# environment of its own below .tools/: of the servers neither can be had from a registry. These show that the strict servers
# speak as the products do.
set -eu

versions='conjur-api==0.2.0 hvac==2.4.0'
place=.tools/vault-clients

if [ "$(cat "$place/version" 2>/dev/null)" = "$versions" ]; then exit 0; fi
rm -rf "$place"
python3 -m venv "$place"
# shellcheck disable=SC2086 # a list of words
"$place/bin/pip" install -q --no-compile --disable-pip-version-check $versions
printf '%s\n' "$versions" >"$place/version"
