#!/bin/sh
# Runs one container inside a mount namespace of its own: container.sh SCRATCH CONTENT CWD ROOT_MODE
# [SOURCE TARGET MODE]... -- [NAME=VALUE]... COMMAND [ARG]...   MODE is ro or rw.
# The container's root is this machine's, seen through overlays: mount points can be made anywhere in it, and what the
# container writes is gone with it. File descriptor 3 tells why a container could not be started (exit code 128).

fail() {
  echo "$1" >&3
  exit 128
}

# A user namespace may not clear the flags that a mount of the outer namespace has, so the likely ones are set.
make_read_only() {
  mount -o remount,bind,ro,nosuid,nodev "$1" 2>/dev/null || mount -o remount,bind,ro,nosuid,nodev,noexec "$1"
}

# Makes the mount point as a container runtime does: in what is mounted by then, which may be read-only.
mount_one() {
  if [ -d "$1" ]; then
    problem=$(mkdir -p "$2" 2>&1) || fail "error mounting \"$1\" to rootfs at \"$2\": $problem"
  else
    problem=$({ mkdir -p "$(dirname "$2")" && { [ -e "$2" ] || : >"$2"; }; } 2>&1) ||
      fail "error mounting \"$1\" to rootfs at \"$2\": $problem"
  fi
  problem=$(mount --bind "$1" "$2" 2>&1) || fail "error mounting \"$1\" to rootfs at \"$2\": $problem"
  [ "$3" = rw ] || make_read_only "$2" || fail "cannot make \"$2\" read-only"
}

# Each folder of the root is a mount of its own; those that volumes cover are the volumes'.
make_root_read_only() {
  for entry in / "$@"; do
    case "$covered" in *" $entry "*) continue ;; esac
    make_read_only "$entry" || fail "cannot make $entry read-only"
  done
}

enter() {
  content=$1 directory=$2 root_mode=$3 covered=" /dev /proc /sys "
  shift 3
  folders=$(for entry in /*; do [ ! -d "$entry" ] || [ -L "$entry" ] || echo "$entry"; done)
  while [ "$1" != -- ]; do
    mount_one "$1" "$2" "$3"
    covered="$covered$2 "
    shift 3
  done
  shift
  umount "$content"
  # shellcheck disable=SC2086 # One word for each folder.
  [ "$root_mode" = rw ] || make_root_read_only $folders
  cd "$directory" 2>/dev/null || fail "cannot enter the working directory $directory"
  exec 3>&-
  exec env -i "$@"
}

overlay() {
  mkdir "$scratch/upper$1" "$scratch/work$1"
  chmod --reference="$1" "$scratch/upper$1"
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$scratch/upper$1,workdir=$scratch/work$1" "$root$1" 2>/dev/null
}

add_entry() {
  if [ -L "$1" ]; then
    cp -P "$1" "$root$1"
  elif [ -d "$1" ]; then
    mkdir "$root$1"
    case $1 in
      /dev | /proc | /sys) mount --rbind "$1" "$root$1" ;;
      /run) mount -t tmpfs -o mode=755 tmpfs "$root$1" ;;
      # A user namespace cannot lay an overlay over folders with mounts below them.
      *) overlay "$1" || mount --rbind "$1" "$root$1" ;;
    esac
  else
    : >"$root$1" && mount --bind "$1" "$root$1"
  fi
}

# Overlays do not show what is mounted below the folders they cover.
add_inner_mount() {
  case $1 in
    /dev/* | /proc/* | /sys/* | /run/* | "$scratch"*) ;;
    /*/*) [ ! -e "$root$1" ] || [ "$(stat -c %d "$1")" = "$(stat -c %d "$root$1")" ] || mount --rbind "$1" "$root$1" ;;
  esac
}

# Ordinary users do not always have chroot in their path.
PATH=$PATH:/usr/sbin:/sbin
if [ "$1" = enter ]; then
  shift
  enter "$@"
fi

scratch=$1 content=$2
shift
inner_mounts=$(while read -r _ _ _ _ target _; do echo "$target"; done </proc/self/mountinfo)
mount -t tmpfs tmpfs "$scratch" || fail "cannot mount a scratch tmpfs"
root=$scratch/root
mkdir "$root" "$scratch/upper" "$scratch/work"
mount --bind "$root" "$root"
for entry in /* /.[!.]*; do
  [ ! -e "$entry" ] && [ ! -L "$entry" ] || add_entry "$entry" || fail "cannot add $entry to the container's root"
done
for target in $inner_mounts; do add_inner_mount "$target" || fail "cannot add $target to the container's root"; done
mount --bind "$content" "$root$content" || fail "cannot add the volumes"
exec chroot "$root" sh "$0" enter "$@"
