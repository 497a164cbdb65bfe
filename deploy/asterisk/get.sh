#!/bin/bash
# get.sh [PREFIX]: unpack a current Asterisk with its whole library closure (its own libc and ld.so) into PREFIX.
#
# Debian 12 has no asterisk package; Debian unstable has one. Nothing of the machine's own apt or libc is changed, no chroot
# and no root are needed, and a PREFIX that is ready is left alone. What is trusted: the index, by the keyring of Debian that
# is installed here; each package, by its SHA-256 in that index.
#
#   DEBIAN_MIRROR    mirror to use (default: the one in apt's own configuration)
#   DEBIAN_KEYRING   keyring that signs it (default: debian-archive-keyring)
#   ASTERISK_CACHE   where indexes and packages are kept (default: PREFIX.cache; a second run downloads nothing)
set -euo pipefail

readonly REV=2 # written to PREFIX/.ready; raise it when a prefix made by an older version must be made again
PREFIX=$(realpath -m "${1:-${XDG_CACHE_HOME:-$HOME/.cache}/hotline/asterisk}")
CACHE=$(realpath -m "${ASTERISK_CACHE:-$PREFIX.cache}")
KEYRING=${DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}

die() { echo "get.sh: $*" >&2; exit 1; }
say() { printf '  asterisk: %s\n' "$*"; }

if [ "$(cat "$PREFIX/.ready" 2>/dev/null)" = "$REV" ]; then
  say "$("$PREFIX/bin/asterisk" -V) is ready in $PREFIX"
  exit 0
fi

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
  die "this is not a Debian system: install Asterisk 20.14 or newer so that it is on the PATH"
[ "$(dpkg --print-architecture)" = amd64 ] ||
  die "only amd64 is supported: install Asterisk 20.14 or newer so that it is on the PATH"
[ -r "$KEYRING" ] || die "$KEYRING is missing: install debian-archive-keyring"
MIRROR=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | head -n1)}
[ -n "$MIRROR" ] || die "apt knows no Debian mirror: run apt-get update, or set DEBIAN_MIRROR"
readonly LIBS=usr/lib/x86_64-linux-gnu

# One run at a time: two would unpack over each other.
mkdir -p "$CACHE"/{lists/partial,archives/partial,etc/none.d}
exec 9>"$CACHE/lock"
flock 9
[ "$(cat "$PREFIX/.ready" 2>/dev/null)" = "$REV" ] && exec "$0" "$PREFIX"

# A private apt: own lists, own empty package state, own archive folder.
: >"$CACHE/status"
: >"$CACHE/etc/none"
echo "deb [arch=amd64 signed-by=$KEYRING] $MIRROR sid main" >"$CACHE/etc/sources.list"
cat >"$CACHE/etc/apt.conf" <<E
Dir::Etc::main "$CACHE/etc/none"; Dir::Etc::parts "$CACHE/etc/none.d";
Dir::Etc::sourcelist "$CACHE/etc/sources.list"; Dir::Etc::sourceparts "$CACHE/etc/none.d";
Dir::Etc::preferences "$CACHE/etc/none"; Dir::Etc::preferencesparts "$CACHE/etc/none.d";
Dir::State "$CACHE"; Dir::State::lists "$CACHE/lists"; Dir::State::status "$CACHE/status";
Dir::State::extended_states "$CACHE/ext";
Dir::Cache "$CACHE"; Dir::Cache::archives "$CACHE/archives"; Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";
APT::Architecture "amd64"; APT::Architectures { "amd64"; };
APT::Install-Recommends "false"; APT::Sandbox::User ""; APT::Keep-Downloaded-Packages "true";
Acquire::Languages "none"; Acquire::Retries "3"; Acquire::http::Timeout "60";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons::DefaultEnabled "false";
// A mirror of unstable that lags is still signed; only its date is not held against it.
Acquire::Check-Valid-Until "false";
E
export APT_CONFIG=$CACHE/etc/apt.conf

say "reading the package index"
apt-get -q update
mapfile -t all < <(apt-get -s -q install asterisk | awk '/^Inst/{sub(/:.*/,"",$2); print $2}')
[ ${#all[@]} -gt 50 ] || die "the mirror offers no complete asterisk package"

# apt trusts an archive that is in the cache already by its size alone, so every one is hashed here. Leaves the good ones
# in $CACHE/debs; what is not in the signed index is removed.
verify() {
  apt-cache show --no-all-versions "${all[@]}" | awk '/^SHA256:/{print $2}' | sort -u >"$CACHE/want"
  (cd "$CACHE/archives" && sha256sum ./*.deb) | while read -r sum file; do
    if grep -qxF "$sum" "$CACHE/want"; then
      echo "${file#./}"
    else
      say "not in the signed index, removed: $file" >&2
      rm -f "$CACHE/archives/$file"
    fi
  done >"$CACHE/debs"
  [ "$(wc -l <"$CACHE/debs")" = "${#all[@]}" ]
}
say "downloading ${#all[@]} packages into $CACHE"
apt-get -q -y --download-only install asterisk
verify || { apt-get -q -y --download-only install asterisk; verify; } || die "packages do not match the signed index"

say "unpacking"
new=$PREFIX.new
stage=$new/stage
rm -rf "$new"
mkdir -p "$stage" "$new/lib" "$new/bin" "$new/share"
# Packages that no library of Asterisk can come from are not worth unpacking.
grep -vE '^(perl|perl-base|perl-modules-.*|gnupg.*|gpg.*|dirmngr|pinentry.*|tzdata|passwd|adduser|login.*|debconf|base-passwd|pci\.ids|libsnmp-base|libpam-.*|readline-common|openssl-provider-legacy|lib[^_]*-(data|common))_' "$CACHE/debs" |
  sed "s#^#$CACHE/archives/#" | xargs -d '\n' -P"$(nproc)" -I{} dpkg-deb -x {} "$stage"
cp -a "$stage/usr/share/asterisk/." "$new/share/"
cp -a "$stage/$LIBS/asterisk/modules" "$new/modules"
rm -f "$new/share/sounds/"{custom,recordings,priv-callerintros}
rm -rf "$new/share/conf" "$new/share/firmware"
cp -a "$stage/usr/sbin/asterisk" "$new/lib/asterisk.real"

# The libraries of Asterisk and all its modules, resolved by the unpacked ld.so and nothing of this machine.
ld=$stage/$LIBS/ld-linux-x86-64.so.2
for f in "$new/lib/asterisk.real" "$new"/modules/*.so; do
  "$ld" --library-path "$stage/$LIBS" --list "$f" 2>/dev/null || true
done | awk '$3 ~ /^\//{print $3}' | sort -u | while read -r lib; do
  case $lib in "$stage"/*) cp -L "$lib" "$new/lib/" ;; esac
done
cp -L "$ld" "$new/lib/ld.so"
for lib in libnss_files.so.2 libnss_dns.so.2 libresolv.so.2; do # opened at run time by libc
  cp -L "$stage/$LIBS/$lib" "$new/lib/" 2>/dev/null || true
done
for module in "$new"/modules/*.so; do # a module whose libraries are not here would only give load errors
  if "$new/lib/ld.so" --library-path "$new/lib" --list "$module" 2>/dev/null | grep -q 'not found'; then
    rm "$module"
  fi
done
cat >"$new/bin/asterisk" <<'E'
#!/bin/bash
P=$(dirname "$(dirname "$(readlink -f "$0")")")
exec "$P/lib/ld.so" --argv0 asterisk --library-path "$P/lib" "$P/lib/asterisk.real" "$@"
E
chmod +x "$new/bin/asterisk"
grep -m1 '^asterisk_' "$CACHE/debs" | sed 's/^asterisk_//; s/_amd64.deb//; s/%3a/:/' >"$new/VERSION"
rm -rf "$stage"
"$new/bin/asterisk" -V >/dev/null || die "the unpacked Asterisk does not start"
rm -rf "$PREFIX"
mv "$new" "$PREFIX"
echo "$REV" >"$PREFIX/.ready"
say "$("$PREFIX/bin/asterisk" -V) is ready in $PREFIX"
