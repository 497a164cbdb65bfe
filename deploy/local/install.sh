#!/bin/bash
# install.sh [--tests]: what the local stack needs from the distribution, and an Asterisk; with --tests a browser too. Does
# nothing when all is there.
# Services that the packages bring (PostgreSQL, Redis) are neither started nor enabled: the stack runs private copies.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

die() { echo "install.sh: $*" >&2; exit 1; }

command -v go >/dev/null || die "Go is missing: install Go 1.26 or newer and put it on the PATH"
(cd "$here/../.." && go version >/dev/null 2>&1) || die "this Go is too old for the project: install Go 1.26 or newer"
command -v node >/dev/null || die "Node is missing: install Node 20 or newer and put it on the PATH"
node=$(node --version)
node=${node#v}
[ "${node%%.*}" -ge 20 ] || die "Node $node is too old: install Node 20 or newer"

have() { command -v "$1" >/dev/null; }
exists() { compgen -G "$1" >/dev/null; }
missing=()
have initdb || exists '/usr/lib/postgresql/*/bin/initdb' || missing+=(postgresql)
have redis-server || missing+=(redis-server)
have espeak-ng || missing+=(espeak-ng)
have sox || missing+=(sox)
have sipp || missing+=(sip-tester)
if [ "${1:-}" = --tests ]; then
  have chromium || missing+=(chromium)
  exists '/usr/share/fonts/*/noto/NotoSansCJK*' || missing+=(fonts-noto-cjk)
fi

# While packages are installed, policy-rc.d answers 101 ("not allowed") to every request to start a service (invoke-rc.d(8)).
readonly POLICY=/usr/sbin/policy-rc.d
readonly MARK='# of hotline, for the time of an installation'
hold_services() {
  # A copy that lies here already is the machine's own, saved by a run that was cut off.
  if [ -e "$POLICY" ] && ! grep -qF "$MARK" "$POLICY"; then mv "$POLICY" "$POLICY.hotline-saved"; fi
  printf '#!/bin/sh\n%s\nexit 101\n' "$MARK" >"$POLICY"
  chmod 755 "$POLICY"
}
release_services() {
  if [ -e "$POLICY.hotline-saved" ]; then
    mv -f "$POLICY.hotline-saved" "$POLICY"
  elif grep -qsF "$MARK" "$POLICY"; then
    rm -f "$POLICY"
  fi
}

if [ ${#missing[@]} -gt 0 ]; then
  have apt-get || die "${missing[*]} missing and this is no Debian system: install them by hand"
  [ "$(id -u)" = 0 ] || die "${missing[*]} missing: run this as root to install them"
  echo "Installing from the distribution: ${missing[*]}"
  trap release_services EXIT
  trap 'exit 130' INT TERM HUP
  hold_services
  export DEBIAN_FRONTEND=noninteractive
  apt-get -q update
  apt-get -q -y -o Dpkg::Use-Pty=0 install --no-install-recommends "${missing[@]}"
  release_services
  trap - EXIT INT TERM HUP
  # Their own services would still start at the next boot. Only those that came with this run are turned off.
  for package in "${missing[@]}"; do
    case $package in postgresql | redis-server) ;; *) continue ;; esac
    if have systemctl; then systemctl --quiet disable "$package.service" || true; fi
    if have update-rc.d; then update-rc.d "$package" disable >/dev/null 2>&1 || true; fi
  done
elif [ "$(id -u)" != 0 ]; then
  echo "Not root: everything runs, except that SIPp cannot send audio and keys (make call, make test)."
fi

# Asterisk on the PATH when it is 20.14 or newer, else a private one. FindAsterisk in asterisk.go has the same rule.
if have asterisk; then
  version=$(asterisk -V | sed -E 's/^Asterisk ([0-9]+\.[0-9]+).*/\1/')
  [ "$(printf '20.14\n%s\n' "$version" | sort -V | head -n1)" = 20.14 ] && exit 0
fi
"$here/../asterisk/get.sh"
