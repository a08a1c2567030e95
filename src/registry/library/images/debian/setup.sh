#!/bin/sh
# Runs outside the tree ($1) that mmdebstrap has made. $SOURCES: lines for sources.list; $KEYRING: keys to put in, or empty.
set -eu
cd "$1"
chmod 755 .
rm -rf dev/* var/lib/apt/lists/* var/cache/apt/* var/cache/debconf/*-old var/lib/dpkg/*-old var/cache/ldconfig/* tmp/* run/*
find var/log -type f -exec rm -f {} +
rm -rf usr/share/man/* usr/share/locale/* usr/share/info/* usr/share/groff/* usr/share/lintian
find usr/share/doc ! -type d ! -name copyright -delete
find usr/share/doc -type d -empty -delete
rm -f etc/resolv.conf etc/hostname etc/apt/apt.conf.d/99mmdebstrap etc/dpkg/dpkg.cfg.d/99mmdebstrap etc/apt/sources.list.d/*
: > etc/machine-id
mkdir -p var/lib/apt/lists/partial var/cache/apt/archives/partial

[ -z "$KEYRING" ] || cp "$KEYRING" "usr/share/keyrings/$(basename "$KEYRING")"
printf '%s\n' "$SOURCES" > etc/apt/sources.list

# Nor does what is installed later bring documentation and languages.
cat > etc/dpkg/dpkg.cfg.d/container-slim <<'CONF'
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/groff/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/lintian/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/man/*
CONF
# A package that is installed while an image is built does not start its service.
printf '#!/bin/sh\nexit 101\n' > usr/sbin/policy-rc.d
chmod 755 usr/sbin/policy-rc.d
# Neither downloaded packages nor caches stay in a layer.
cat > etc/apt/apt.conf.d/container-clean <<'CONF'
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
CONF
