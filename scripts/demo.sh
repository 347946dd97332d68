#!/bin/sh
# The main job on this machine: a GitLab job's ID token goes in, secrets come out of a strict local Conjur.
set -eu

say() { printf '\n== %s\n' "$1"; }
show() { printf '$ %s\n' "$*" && "$@"; }

# What would be the script of the job in .gitlab-ci.yml.
job() {
  say '1. The plan: nothing is sent yet'
  show secretctl fetch DB_PASSWORD TLS_KEY --format dotenv -o job.env --dry-run

  say '2. Secrets in a dotenv file: quotes, a dollar sign and line breaks arrive as they are'
  show secretctl fetch DB_PASSWORD TLS_KEY --format dotenv -o job.env
  show cat job.env

  say '3. Two more commands: they use the login that the first one kept'
  show secretctl fetch DB_CONNECTION --format sh -o job.sh
  show secretctl fetch 'USER=app/db-connection#user' --format raw
  printf '\n'
}

if [ "${1-}" = job ]; then
  job
  exit
fi

root=$(cd "$(dirname "$0")/.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

say 'secretctl dev exec: an issuer, a test token and a strict Conjur behind TLS, for as long as one command runs'
node "$root/bin/secretctl.cjs" dev exec --report report.json -- sh "$root/scripts/demo.sh" job

say '4. What the server saw: one login for three commands'
node -p '
  const { exchanges, reads, requests } = JSON.parse(fs.readFileSync("report.json", "utf8"));
  const lines = requests.map(({ method, path, status }) => `${status} ${method.padEnd(4)} ${decodeURIComponent(path)}`);
  [`${exchanges} exchange, ${reads} reads`, ...lines].join("\n");
'
