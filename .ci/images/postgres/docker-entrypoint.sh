#!/bin/bash
# What the official entry point of Postgres promises and our tests and compose
# file use: POSTGRES_USER, _PASSWORD, _DB, _INITDB_ARGS, _HOST_AUTH_METHOD, the
# scripts of /docker-entrypoint-initdb.d, and the line "database system is ready
# to accept connections" twice on a first start (testcontainers waits for two).
set -eo pipefail

case ${1:-} in -*) set -- postgres "$@" ;; esac
[ "$1" = postgres ] || exec "$@"

sockets=/var/run/postgresql
if [ "$(id -u)" = 0 ]; then # Postgres refuses to run as root
  mkdir -p "$PGDATA" "$sockets"
  chown -R postgres:postgres "$PGDATA" "$sockets"
  chmod 700 "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --clear-groups "$0" "$@"
fi
[ ! -s "$PGDATA/PG_VERSION" ] || exec "$@"

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "$method" != trust ]; then
  echo "Error: set POSTGRES_PASSWORD, or POSTGRES_HOST_AUTH_METHOD=trust" >&2
  exit 1
fi

sql() { psql --no-psqlrc --no-password -v ON_ERROR_STOP=1 --username "$user" "$@"; }

# shellcheck disable=SC2086 # the arguments are words on purpose, as in the official image
initdb --username="$user" --pwfile=<(echo "${POSTGRES_PASSWORD:-unused}") --no-sync ${POSTGRES_INITDB_ARGS:-}
{
  echo "listen_addresses = '*'"
  echo "unix_socket_directories = '$sockets'"
} >>"$PGDATA/postgresql.conf"
echo "host all all all $method" >>"$PGDATA/pg_hba.conf"

# The first server listens on its socket alone, so that nobody meets a database
# that is half made.
PGUSER=$user pg_ctl --wait -o "-c listen_addresses=''" start
[ "$database" = postgres ] || sql -d postgres -v name="$database" <<<'CREATE DATABASE :"name";'
for script in /docker-entrypoint-initdb.d/*; do
  case $script in
    *.sh) bash "$script" ;;
    *.sql) sql -d "$database" -f "$script" ;;
  esac
done
PGUSER=$user pg_ctl --wait --mode=fast stop
echo "PostgreSQL init process complete; ready for start up."
exec "$@"
