#!/usr/bin/env bash
# Installs the servers that the tests run against, where that can be done: on Debian, as root. Ends with 0 when all are
# there, and otherwise with 1 and a line on standard error for each one that is not.
set -u

# The program, what makes it show its version, and Debian's package.
SERVERS='
python3   --version python3
nginx     -v        nginx-light
openssl   version   openssl
tinyproxy -v        tinyproxy
squid     -v        squid
stunnel4  -version  stunnel4
'

# The programs, or packages, of those that do not run. Debian's folder of servers is not on everybody's path.
missing() {
  while read -r program probe package; do
    [ -z "$program" ] || PATH=$PATH:/usr/sbin "$program" "$probe" </dev/null >/dev/null 2>&1 || echo "${!1}"
  done <<<"$SERVERS"
}

[ -n "$(missing program)" ] || exit 0

if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] && command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  # Offline it gives up soon; beside another installation it waits.
  apt=(apt-get --quiet -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o DPkg::Lock::Timeout=120)
  log=$(mktemp)
  "${apt[@]}" update >"$log" 2>&1
  mapfile -t packages < <(missing package)
  "${apt[@]}" install -y --no-install-recommends "${packages[@]}" >>"$log" 2>&1 || tail -n 5 "$log" >&2
  rm -f "$log"
fi

result=0
for program in $(missing program); do
  echo "install-servers: $program is not there and could not be installed: the tests against it are left out" >&2
  result=1
done
exit "$result"
