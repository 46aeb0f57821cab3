#!/bin/sh
# The first process of a node, in mount and process namespaces of its own: node.sh WORK CGROUP PROGRAMS KUBELET KUBELET_ARG...
# When it is killed, everything that the node runs and everything that it mounted is gone.
set -e
work=$1 cgroup=$2 programs=$3
shift 3

mount --make-rshared /
mount -t tmpfs tmpfs /run
mkdir -p "$work/log" "$work/lib"
mount --bind "$work/log" /var/log
mount --bind "$work/lib" /var/lib

# kubelet sets these for the whole machine. Here it writes to copies.
mkdir -p "$work/sysctl"
for name in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys \
  kernel/keys/root_maxbytes; do
  copy="$work/sysctl/$(basename "$name")"
  cat "/proc/sys/$name" >"$copy"
  mount --bind "$copy" "/proc/sys/$name"
done

# One folder with version 2; one for each controller with version 1, where a cpuset takes nobody before it is filled.
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p "/sys/fs/cgroup/$cgroup"
else
  for hierarchy in /sys/fs/cgroup/*; do
    [ -f "$hierarchy/cgroup.procs" ] || continue
    mkdir -p "$hierarchy/$cgroup"
    for file in cpuset.cpus cpuset.mems; do
      [ ! -f "$hierarchy/$file" ] || cat "$hierarchy/$file" >"$hierarchy/$cgroup/$file"
    done
  done
fi

PATH=$programs:$PATH
export PATH
# As a node's init does: either of them may end while the other is not there yet, or over what was half-written.
keep_running() {
  while :; do
    "$@" || echo "$(basename "$1") ended with $?, and is started again"
    sleep 1
  done
}
# The socket of a node that was killed is still there.
rm -f "$work/containerd.sock"
keep_running containerd --config "$work/containerd.toml" &
until [ -S "$work/containerd.sock" ]; do sleep 0.05; done
keep_running "$@" &
# Whatever loses its parent is this process' to wait for.
wait
