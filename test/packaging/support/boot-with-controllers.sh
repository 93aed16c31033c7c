#!/usr/bin/env bash
# Boots the tree $1 with systemd as process 1 in namespaces of its own and the machine's cgroup controllers (version 1)
# below the group $2, which this script has made and entered: there MemoryMax= and TasksMax= are real, which they are
# not in systemd-nspawn on a machine of that kind. Runs in `unshare --mount --uts --ipc --net --pid --cgroup --fork`.
set -euo pipefail
tree=$1
mount --make-rprivate /
mount --bind "$tree" "$tree"
cd "$tree"
mount -t proc proc proc
mount -t sysfs sysfs sys -o ro
mount -t tmpfs tmpfs sys/fs/cgroup -o mode=755
for controller in cpu cpuacct cpuset memory devices freezer blkio pids; do
  mkdir "sys/fs/cgroup/$controller"
  mount -t cgroup -o "$controller" cgroup "sys/fs/cgroup/$controller"
done
mkdir sys/fs/cgroup/systemd
mount -t cgroup -o none,name=systemd cgroup sys/fs/cgroup/systemd
mount -t tmpfs tmpfs dev -o mode=755
for device in null:3 zero:5 full:7 random:8 urandom:9; do
  mknod -m 666 "dev/${device%:*}" c 1 "${device#*:}"
done
mknod -m 666 dev/tty c 5 0
mkdir dev/pts dev/shm
mount -t devpts devpts dev/pts -o newinstance,ptmxmode=666
ln -s pts/ptmx dev/ptmx
for folder in dev/shm run tmp; do mount -t tmpfs tmpfs "$folder" -o mode=755; done
ip link set lo up
mkdir -p oldroot
pivot_root . oldroot
cd /
umount -l oldroot
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --system --unit=multi-user.target --show-status=no < /dev/null
