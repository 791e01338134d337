#!/usr/bin/env bash
# Installs the servers that the tests run against, where that can be done: on Debian, as root. Ends with 0 when all are
# there, and otherwise with 1 and a line on standard error for each one that is not.
set -u

# Those that do not run. The folder of Debian's nginx is not on everybody's path.
missing() {
  python3 --version >/dev/null 2>&1 || echo python3
  PATH=$PATH:/usr/sbin nginx -v >/dev/null 2>&1 || echo nginx
}

[ -n "$(missing)" ] || exit 0

if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] && command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  # Offline it gives up soon; beside another installation it waits.
  apt=(apt-get --quiet -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o DPkg::Lock::Timeout=120)
  log=$(mktemp)
  "${apt[@]}" update >"$log" 2>&1
  "${apt[@]}" install -y --no-install-recommends nginx-light python3 >>"$log" 2>&1 || tail -n 5 "$log" >&2
  rm -f "$log"
fi

result=0
for name in $(missing); do
  echo "install-servers: $name is not there and could not be installed: the tests against it are left out" >&2
  result=1
done
exit "$result"
