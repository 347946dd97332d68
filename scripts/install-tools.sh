#!/bin/sh
# Installs what the tests of the example pipelines need: rsync for gitlab-ci-local, and below .tools/ the Groovy that
# Jenkins reads its files with. For a Debian machine, as root, with Maven.
set -eu

cd "$(dirname "$0")/.."

if ! command -v rsync >/dev/null 2>&1; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends rsync >/dev/null
fi

if [ ! -d .tools/groovy ]; then
  mvn -q -B -f test/support/jenkinsfile/pom.xml dependency:copy-dependencies "-DoutputDirectory=$PWD/.tools/groovy.new"
  mv .tools/groovy.new .tools/groovy
fi
