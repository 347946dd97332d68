#!/bin/sh
# Installs, below .tools/, the servers of others that `npm run test:interop` runs against, such as moto (AWS), and the clients
# of others that it runs against the strict servers. Those from npm come with the development dependencies. What cannot be
# had is named; its tests are skipped and counted as such. Any of the names as arguments: only those.
set -u

cd "$(dirname "$0")/.."
failed=0

attempt() {
  name=$1
  shift
  "$@" || { printf 'install-servers: %s could not be installed\n' "$name" >&2; failed=1; }
}

for script in scripts/servers/*.sh; do
  [ -e "$script" ] || continue
  name=$(basename "$script" .sh)
  if [ $# -gt 0 ]; then
    case " $* " in *" $name "*) ;; *) continue ;; esac
  fi
  attempt "$name" sh "$script"
done
exit "$failed"
