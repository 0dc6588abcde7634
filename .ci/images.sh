#!/usr/bin/env bash
# Builds stand-ins for the official images of Postgres and Redis out of this
# machine's own Debian packages (postgresql-15, redis-server), under the names
# that the tests ask for, in the engine that DOCKER_HOST names.
#
# Why: the container tests shall run where no registry of images can be reached.
# A stand-in holds the same servers and an entry point that keeps the promises
# that the tests rely on (images/*/docker-entrypoint.sh); it is no official
# image, and .ci/run says so where it uses one. An image that is there already,
# pulled or built, is left alone.
set -euo pipefail
cd "$(dirname "$0")/images"

postgres_image=${EXTRAORDINARY_TEST_POSTGRES_IMAGE:-postgres:15-bookworm}
redis_image=${EXTRAORDINARY_TEST_REDIS_IMAGE:-redis:7.0-bookworm}
postgres_version=15
postgres_bin=/usr/lib/postgresql/$postgres_version/bin
postgres_lib=/usr/lib/postgresql/$postgres_version/lib

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# copy ROOT FILE... puts files where they are on this machine, each with the
# shared libraries that it needs.
copy() {
  local root=$1 file library
  shift
  for file in "$@"; do
    cp --parents --dereference "$file" "$root"
    for library in $(ldd "$file" 2>/dev/null | grep -o '/[^ ]*' | sort -u); do
      [ -e "$root$library" ] || cp --parents --dereference "$library" "$root"
    done
  done
}

# skeleton ROOT USER makes a file system with a shell, the programs of the entry
# points and of testcontainers' probes, and one user beside root.
skeleton() {
  local root=$1 user=$2 name
  mkdir -p "$root"/{etc,proc,sys,dev,run,root,tmp,usr/local/bin,usr/bin,usr/sbin,usr/lib,usr/lib64}
  for name in bin sbin lib lib64; do ln -s "usr/$name" "$root/$name"; done
  mkdir -p "$root/var"
  ln -s ../run "$root/var/run"
  chmod 1777 "$root/tmp" "$root/run"
  for name in bash dash cat chmod chown env grep id mawk mkdir rm setpriv sleep; do
    copy "$root" "$(command -v "$name")"
  done
  ln -s dash "$root/usr/bin/sh"
  ln -s mawk "$root/usr/bin/awk"
  printf 'root:x:0:0::/root:/bin/sh\n%s:x:999:999::/tmp:/bin/sh\n' "$user" >"$root/etc/passwd"
  printf 'root:x:0:\n%s:x:999:\n' "$user" >"$root/etc/group"
  printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$root/etc/nsswitch.conf"
  mkdir -p "$root/usr/lib/locale"
  cp -r /usr/lib/locale/C.utf8 "$root/usr/lib/locale/" # initdb refuses LANG=C.UTF-8 without it
}

# build IMAGE FOLDER builds FOLDER's Dockerfile over $work/FOLDER as its rootfs.
# The old builder, because Debian's docker.io has no buildx.
build() {
  local image=$1 folder=$2
  cp "$folder/docker-entrypoint.sh" "$work/$folder/usr/local/bin/"
  chmod 755 "$work/$folder/usr/local/bin/docker-entrypoint.sh"
  tar --create --numeric-owner --owner=0 --group=0 \
    --directory "$PWD/$folder" Dockerfile \
    --directory "$work" --transform "s,^$folder,rootfs,S" "$folder" |
    DOCKER_BUILDKIT=0 docker build --quiet --tag "$image" - >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    return 1
  }
}

postgres() {
  local root=$work/postgres name
  skeleton "$root" postgres
  for name in postgres initdb pg_ctl psql pg_isready createdb dropdb pg_dump pg_restore; do
    copy "$root" "$postgres_bin/$name"
    ln -s "$postgres_bin/$name" "$root/usr/local/bin/$name"
  done
  copy "$root" "$postgres_lib"/{plpgsql,dict_snowball,pg_stat_statements}.so
  cp -r --dereference --parents "/usr/share/postgresql/$postgres_version" "$root"
  rm -rf "$root/usr/share/postgresql/$postgres_version/man"
  mkdir -p "$root/usr/share/zoneinfo"
  cp --dereference --parents /usr/share/zoneinfo/UTC "$root"
  mkdir -p "$root"/{docker-entrypoint-initdb.d,var/lib/postgresql/data}
  build "$postgres_image" postgres
}

redis() {
  local root=$work/redis
  skeleton "$root" redis
  copy "$root" /usr/bin/redis-server /usr/bin/redis-cli
  mkdir "$root/data"
  build "$redis_image" redis
}

# ensure IMAGE FUNCTION builds what is missing.
ensure() {
  if docker image inspect "$1" >/dev/null 2>&1; then
    echo "$1 is there"
  else
    "$2"
    echo "$1 built as a stand-in from this machine's packages"
  fi
}
ensure "$postgres_image" postgres
ensure "$redis_image" redis
