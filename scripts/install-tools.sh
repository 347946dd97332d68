#!/bin/sh
# Installs what the tests of the example pipelines need: rsync for gitlab-ci-local, and below .tools/ the Groovy that
# Jenkins reads its files with, JenkinsPipelineUnit, and the schemas and linters of the other CIs. For a Debian machine, as root, with Maven and Python.
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

python3 -c 'import ensurepip' 2>/dev/null || {
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
}

# Programs that bring schemas along, from the package itself and not from the network: of many CIs, and of Kubernetes.
for package in check-jsonschema==0.39.0 kubernetes-validate==1.37.0; do
  place=.tools/${package%%==*}
  if [ ! -d "$place" ]; then
    python3 -m venv "$place.new"
    "$place.new/bin/python" -m pip install -q --disable-pip-version-check "$package"
    mv "$place.new" "$place"
  fi
done

if [ ! -d .tools/npm ]; then
  npm install --prefix .tools/npm.new --no-save --ignore-scripts --no-audit --no-fund --loglevel=error \
    @codefresh-io/yaml-validator@1.1.1 @ibm/tekton-lint@1.1.0 >/dev/null
  mv .tools/npm.new .tools/npm
fi
