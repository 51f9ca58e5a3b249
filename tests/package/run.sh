#!/bin/sh
# run.sh VERSION: takes target/dist/product-lookup_VERSION-1_*.deb, and -2 as the one after it,
# through their life in a pristine Debian 12: steps.sh, booted.sh and hour.sh, in namespaces of their own, without network.
# The tree is made once, and is in memory only while it is used.
set -eu
cd "$(dirname "$0")/../.."
[ "$(id -u)" = 0 ] || exec sudo sh tests/package/run.sh "$@"
deb=$(echo target/dist/product-lookup_"$1"-1_*.deb)
next=$(echo target/dist/product-lookup_"$1"-2_*.deb)

echo '== lintian'
lintian --allow-root --fail-on error,warning "$deb"

# Another list of dependencies takes another tree.
key=$({ cat tests/package/tree.sh && dpkg-deb -f "$deb" Depends; } | sha256sum | cut -c 1-16)
tar=target/debian-tree/$key.tar
[ -e "$tar" ] || unshare --mount sh tests/package/tree.sh "$deb" "$tar"

unshare --mount --pid --net --fork --kill-child sh -euc '
    mount -t tmpfs -o size=3g,mode=755 tmpfs /mnt
    tar -C /mnt -xf "$1"
    mkdir /mnt/root/next /mnt/root/test
    cp "$2" /mnt/root/
    cp "$3" /mnt/root/next/
    cp README.md tests/check/causes tests/package/mended.sh tests/package/steps.sh /mnt/root/test/
    exec chroot /mnt env -i HOME=/root LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        bash /root/test/steps.sh' sh "$tar" "$deb" "$next"

unshare --mount sh tests/package/boot.sh "$tar" "$deb" "$next" booted.sh 2
unshare --mount sh tests/package/boot.sh "$tar" "$deb" "$next" hour.sh 1
