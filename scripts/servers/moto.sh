#!/bin/sh
# moto, which answers like STS, Secrets Manager and Systems Manager of AWS: in a Python environment of its own below .tools/.
set -eu

version=5.2.5
place=.tools/moto

if [ "$(cat "$place/version" 2>/dev/null)" = "$version" ]; then exit 0; fi
rm -rf "$place"
python3 -m venv "$place"
"$place/bin/pip" install -q --no-compile --disable-pip-version-check "moto[server]==$version"
printf '%s\n' "$version" >"$place/version"
