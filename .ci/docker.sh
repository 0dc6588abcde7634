#!/usr/bin/env bash
# Starts and stops a private Docker engine that lives in one folder.
#
#   .ci/docker.sh start DIR     prints the value for DOCKER_HOST
#   .ci/docker.sh stop DIR
#
# Why: the adapters of Postgres and Redis are tested against real servers in
# containers, and a machine of CI often has no engine running. This one needs
# root and no service manager, touches no firewall rule (published ports go
# through Docker's own proxy on 127.0.0.1), and leaves nothing behind.
set -euo pipefail

usage() {
  echo "usage: $0 start|stop DIR" >&2
  exit 2
}
[ $# = 2 ] || usage
command=$1
dir=$2
host=unix://$dir/docker.sock

# A killed process that its parent has not collected yet is gone for us.
alive() { grep -qs '^State:.[^ZX]' "/proc/$1/status"; }

start() {
  mkdir -p "$dir"
  setsid dockerd \
    --host "$host" --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$dir/pid" \
    --storage-driver overlay2 \
    --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false \
    </dev/null >"$dir/log" 2>&1 &
  local pid=$!
  for _ in $(seq 300); do
    if docker --host "$host" version >/dev/null 2>&1; then
      echo "$host"
      return
    fi
    alive "$pid" || break
    sleep 0.1
  done
  tail -n 20 "$dir/log" >&2
  echo "the Docker engine did not start: read $dir/log, and run this as root" >&2
  return 1
}

stop() {
  [ -s "$dir/pid" ] || return 0 # never came up, or is stopped already
  local pid
  pid=$(cat "$dir/pid")
  docker --host "$host" ps --all --quiet | xargs -r docker --host "$host" rm --force --volumes >/dev/null || true
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 150); do
    alive "$pid" || break
    sleep 0.1
  done
  if alive "$pid"; then
    echo "the Docker engine (process $pid) ignores its signal and was killed" >&2
    kill -9 "$pid"
  fi
  rm -f "$dir/pid"
  ip link delete docker0 2>/dev/null || true
  find /sys/fs/cgroup -depth -type d -path '/sys/fs/cgroup/*docker/*' -exec rmdir {} + 2>/dev/null || true
}

case $command in
  start) start ;;
  stop) stop ;;
  *) usage ;;
esac
