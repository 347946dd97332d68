#!/bin/sh
# Installs what the tests of the example pipelines need: rsync for gitlab-ci-local, and below .tools/ the Groovy that
# Jenkins reads its files with, JenkinsPipelineUnit, and the schemas of the other CIs. For a Debian machine, as root, with Maven and Python.
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

if [ ! -d .tools/pipeline-unit ]; then
  mvn -q -B -f test/support/jenkinsfile/pipeline-unit/pom.xml dependency:copy-dependencies \
    "-DoutputDirectory=$PWD/.tools/pipeline-unit.new"
  mv .tools/pipeline-unit.new .tools/pipeline-unit
fi

# A program that brings the schemas of many CIs along, from the package itself and not from the network.
if [ ! -d .tools/check-jsonschema ]; then
  python3 -c 'import ensurepip' 2>/dev/null || {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
  }
  python3 -m venv .tools/check-jsonschema.new
  .tools/check-jsonschema.new/bin/python -m pip install -q --disable-pip-version-check check-jsonschema==0.39.0
  mv .tools/check-jsonschema.new .tools/check-jsonschema
fi
