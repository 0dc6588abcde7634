#!/bin/sh
# What the official entry point of Redis does: flags alone mean redis-server,
# which gives up root and accepts clients of other hosts without a password.
set -e

case ${1:-} in -* | *.conf) set -- redis-server "$@" ;; esac
[ "$1" = redis-server ] || exec "$@"

case " $* " in
  *" --protected-mode "*) ;;
  *) set -- "$@" --protected-mode no ;;
esac
if [ "$(id -u)" = 0 ]; then
  chown redis:redis /data
  exec setpriv --reuid=redis --regid=redis --clear-groups "$@"
fi
exec "$@"
