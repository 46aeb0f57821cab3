#!/bin/sh
# Runs a command as a container of the restricted level has it: container.sh ROOT UID:GID [SOURCE TARGET]... -- COMMAND [ARG]...
# Process 1 of a namespace of its own, in an image's root, which is read-only; no capability, no new privileges.
# What the bounding set still has is what chroot itself needs; a program that is not root gets nothing of it.
set -e
root=$1 user=$2
shift 2
mount --bind "$root" "$root"
mkdir -p "$root/proc" "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero random urandom; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
while [ "$1" != -- ]; do
  mkdir -p "$root$2"
  mount --bind "$1" "$root$2"
  mount -o remount,bind,ro "$root$2"
  shift 2
done
shift
mount -o remount,bind,ro "$root"
PATH=$PATH:/usr/sbin:/sbin
setpriv=$(command -v setpriv)
chroot=$(command -v chroot)
PATH=${PATH%:/usr/sbin:/sbin}
exec "$setpriv" --no-new-privs --bounding-set=-all,+sys_chroot,+setuid,+setgid --inh-caps=-all -- \
  "$chroot" --userspec="$user" --groups= "$root" "$@"
