#!/bin/sh
# Runs in mount and process namespaces of its own: what is mounted here goes when it ends.
# $LOWER $UPPER $WORK $MERGED: the overlay; $FILES: the entry's folder, or empty; arguments: packages to install.
# File descriptor 3 takes apt's progress.
set -eu
mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$UPPER,workdir=$WORK" "$MERGED"
mount -t proc proc "$MERGED/proc"
mount -t tmpfs -o mode=755,size=1m tmpfs "$MERGED/dev"
for node in null zero full random urandom tty; do
  : > "$MERGED/dev/$node"
  mount --bind "/dev/$node" "$MERGED/dev/$node"
done
ln -s /proc/self/fd "$MERGED/dev/fd"
ln -s /proc/self/fd/1 "$MERGED/dev/stdout"
ln -s /proc/self/fd/2 "$MERGED/dev/stderr"
# What apt fetches never reaches the layer.
mount -t tmpfs tmpfs "$MERGED/var/lib/apt/lists"
mount -t tmpfs tmpfs "$MERGED/var/cache/apt"
mount -t tmpfs -o mode=1777 tmpfs "$MERGED/tmp"
cat /etc/resolv.conf > "$MERGED/etc/resolv.conf"

export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true LC_ALL=C.UTF-8 HOME=/root
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
if [ -n "$NODEJS" ]; then
  # As a package, so that what depends on nodejs is content with it.
  package="$MERGED/tmp/nodejs"
  mkdir -p "$package/DEBIAN" "$package/usr/bin"
  cp "$NODEJS" "$package/usr/bin/node"
  ln -s node "$package/usr/bin/nodejs"
  chmod 755 "$package/usr/bin/node"
  printf '%s\n' 'Package: nodejs' "Version: $("$NODEJS" -p process.versions.node)" 'Multi-Arch: allowed' \
    "Provides: node-types-node (= $("$NODEJS" -p process.versions.node))" \
    "Architecture: $(dpkg --print-architecture)" 'Maintainer: Manufacture <nobody@localhost>' \
    'Description: Node.js, as it comes from its makers' > "$package/DEBIAN/control"
  dpkg-deb --root-owner-group -Znone --build "$package" "$MERGED/tmp/nodejs.deb" > /dev/null
  rm -rf "$package"
  chroot "$MERGED" dpkg --install /tmp/nodejs.deb
fi
if [ $# -gt 0 ]; then
  apt="chroot $MERGED apt-get -qq -o APT::Status-Fd=3 -o Acquire::Retries=2 -o Acquire::http::Timeout=20 $APT_OPTIONS"
  $apt update
  $apt install --yes --no-install-recommends -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io "$@"
fi
if [ -n "$NPM" ]; then
  mkdir -p "$MERGED/usr/local/lib/node_modules/npm"
  (cd "$NPM" && tar --owner=0 --group=0 --exclude=./docs --exclude=./man -cf - .) | tar -C "$MERGED/usr/local/lib/node_modules/npm" -xf -
  for tool in npm npx; do ln -s "../lib/node_modules/npm/bin/$tool-cli.js" "$MERGED/usr/local/bin/$tool"; done
fi
if [ -n "$FILES" ]; then
  [ ! -d "$FILES/root" ] || cp -R --no-preserve=ownership,timestamps --preserve=mode "$FILES/root/." "$MERGED/"
  cp "$FILES/setup.sh" "$MERGED/tmp/setup.sh"
  chroot "$MERGED" sh /tmp/setup.sh
fi

rm -f "$MERGED/etc/resolv.conf"
find "$MERGED/var/log" -xdev -type f -exec rm -f {} +
rm -rf "$MERGED"/var/cache/ldconfig/* "$MERGED"/var/cache/debconf/*-old "$MERGED"/var/lib/dpkg/*-old
if [ -n "$VERSION_COMMAND" ]; then chroot "$MERGED" sh -c "$VERSION_COMMAND" > "$VERSION_FILE"; fi
