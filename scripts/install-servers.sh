#!/usr/bin/env bash
# Installs the servers that the tests run against, if it can: on Debian, as root. The exit code is 0 if all of them are
# installed in the end; otherwise it is 1, with a line on standard error for each missing one.
set -u

if [ $# -gt 0 ]; then
  echo "install-servers: unexpected argument '$1': it takes none" >&2
  exit 1
fi

# The program, the argument that makes it print its version, and its Debian package.
SERVERS='
python3   --version python3
nginx     -v        nginx-light
haproxy   -v        haproxy
openssl   version   openssl
tinyproxy -v        tinyproxy
squid     -v        squid
stunnel4  -version  stunnel4
'

# The programs (or packages) of those that do not run. /usr/sbin, where Debian has servers, is not on every user's path.
missing() {
  while read -r program probe package; do
    [ -z "$program" ] || PATH=$PATH:/usr/sbin "$program" "$probe" </dev/null >/dev/null 2>&1 || echo "${!1}"
  done <<<"$SERVERS"
}

[ -n "$(missing program)" ] || exit 0

if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] && command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  # Fails soon if offline; waits for another installation to end.
  apt=(apt-get --quiet -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o DPkg::Lock::Timeout=120)
  log=$(mktemp)
  "${apt[@]}" update >"$log" 2>&1
  mapfile -t packages < <(missing package)
  "${apt[@]}" install -y --no-install-recommends "${packages[@]}" >>"$log" 2>&1 || tail -n 5 "$log" >&2
  rm -f "$log"
fi

result=0
for program in $(missing program); do
  echo "install-servers: $program is missing and could not be installed; its tests are skipped" >&2
  result=1
done
exit "$result"
