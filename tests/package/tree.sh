#!/bin/sh
# tree.sh DEB TREE.tar: a pristine Debian 12 with what a person at it has (sudo, curl, man, three
# shells), and with the archives that installing DEB, and mending it, will ask for: no network is needed.
# Run as root in a mount namespace of its own. The mirror is the one that this machine uses.
set -eu
deb=$1 tar=$2 tree=/mnt
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1)

# In memory, where dpkg's many syncs cost nothing.
mount -t tmpfs -o size=3g,mode=755 tmpfs $tree
debootstrap --variant=minbase bookworm $tree "$mirror"
install -m 644 "$deb" $tree/tmp/product-lookup.deb
# In a namespace of its own for processes: what a package starts ends with it.
unshare --pid --fork --kill-child chroot $tree env DEBIAN_FRONTEND=noninteractive sh -euc '
    mount -t proc proc /proc
    apt-get update -q
    apt-get install -q -y --no-install-recommends \
        bash-completion curl fish iproute2 logrotate man-db sudo systemd zsh
    apt-get clean
    apt-get install -q -y --download-only /tmp/product-lookup.deb sqlite3
    rm /tmp/product-lookup.deb
    umount /proc'

# Where no init system runs, Debian asks these whether services are to be started: yes, as on any
# machine.
printf '#!/bin/sh\necho N 2\n' >$tree/sbin/runlevel
printf '#!/bin/sh\nexit 0\n' >$tree/usr/sbin/policy-rc.d
chmod 755 $tree/sbin/runlevel $tree/usr/sbin/policy-rc.d
mkdir -p "$(dirname "$tar")"
tar -C $tree -cf "$tar.part" .
mv "$tar.part" "$tar"
