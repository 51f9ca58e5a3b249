#!/bin/sh
# boot.sh TREE.tar DEB NEXT SCRIPT TIMES: boots the tree of run.sh so often, by its own systemd; the script is what happens
# there. Run as root, in a mount namespace of its own.
set -eu
mount -t tmpfs -o size=3g,mode=755 tmpfs /mnt
tar -C /mnt -xf "$1"
mkdir /mnt/root/next /mnt/root/test
cp "$2" /mnt/root/
cp "$3" /mnt/root/next/
cp "tests/package/$4" /mnt/root/test/booted.sh
cp apache/README.md /mnt/root/test/apache.md
cat >/mnt/etc/systemd/system/booted.service <<'UNIT'
[Unit]
After=sockets.target apache2.service
[Service]
Environment=HOME=/root LC_ALL=C.UTF-8
ExecStart=bash -c 'bash /root/test/booted.sh >/root/test/said 2>&1; systemctl poweroff --force --force'
[Install]
WantedBy=multi-user.target
UNIT
mkdir -p /mnt/etc/systemd/system/multi-user.target.wants
ln -s ../booted.service /mnt/etc/systemd/system/multi-user.target.wants/
# systemd's control groups are in one of its own, which goes with it.
cgroups=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)
mkdir -p "$cgroups/product-lookup-boot"
echo $$ >"$cgroups/product-lookup-boot/cgroup.procs"
trap 'echo $$ >"$cgroups/cgroup.procs"; find "$cgroups/product-lookup-boot" -depth -type d -exec rmdir {} \;' EXIT
for boot in $(seq "$5"); do
    echo "== $4, boot $boot"
    timeout -s KILL 300 unshare --mount --pid --net --uts --ipc --cgroup --fork --kill-child sh -euc '
        mount -t proc proc /mnt/proc
        mount -t sysfs sysfs /mnt/sys
        mount -t cgroup2 cgroup2 /mnt/sys/fs/cgroup
        mount -t tmpfs -o mode=755 tmpfs /mnt/run
        mount --rbind /dev /mnt/dev
        # A root that was only changed has no namespaces of users, which the unit asks for.
        cd /mnt
        mkdir -p old
        pivot_root . old
        umount -l old
        exec chroot . env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd' || true
    cat /mnt/root/test/said
    [ "$(tail -n 1 /mnt/root/test/said)" = '== all is well' ]
    rm /mnt/root/test/said
done
