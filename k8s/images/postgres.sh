#!/bin/sh
# PostgreSQL on PGDATA, made the first time: user POSTGRES_USER with the password in POSTGRES_PASSWORD_FILE, database POSTGRES_DB. As the public image, in small.
set -eu
if [ "${1:-postgres}" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  # Made beside and moved: a container that dies in between leaves nothing that looks whole.
  new=$PGDATA.new; rm -rf "$new"; mkdir -p "$(dirname "$PGDATA")"
  initdb -D "$new" -U "$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" --auth-local=trust --auth-host=scram-sha-256 -E UTF8 --no-locale > /dev/null
  echo 'host all all all scram-sha-256' >> "$new/pg_hba.conf"
  echo "listen_addresses = '*'" >> "$new/postgresql.conf"
  [ "${POSTGRES_DB:-$POSTGRES_USER}" = postgres ] || echo "CREATE DATABASE \"${POSTGRES_DB:-$POSTGRES_USER}\";" | postgres --single -D "$new" -j postgres > /dev/null
  mv "$new" "$PGDATA"
fi
[ $# -gt 0 ] || set -- postgres
exec "$@"
