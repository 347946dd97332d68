#!/bin/sh
# Installs the programs that the round-trip tests read our output back with: shells, Ruby and jq from the
# distribution, PyYAML into a virtual environment of its own under .readers/. For a Debian machine, as root.
set -eu

cd "$(dirname "$0")/.."

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo 'install-readers: needs root and apt-get; tests whose reader is missing will be skipped' >&2
  exit 0
fi

missing=
need() {
  command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
need dash dash
need bash bash
need zsh zsh
need ksh93 ksh
need mksh mksh
need busybox busybox
need ruby ruby
need jq jq
need git git
need python3 python3
python3 -c 'import ensurepip' 2>/dev/null || missing="$missing python3-venv"

if [ -n "$missing" ]; then
  apt-get update -qq
  # shellcheck disable=SC2086 # a list of words
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

if [ ! -x .readers/bin/python3 ]; then
  python3 -m venv .readers
  echo '*' >.readers/.gitignore
fi
.readers/bin/python3 -c 'import yaml' 2>/dev/null || .readers/bin/pip install --quiet --disable-pip-version-check PyYAML==6.0.3
