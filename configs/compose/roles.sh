#!/bin/sh
# Runs at the first start of Postgres, as its superuser: the database, its owner, who migrates it, and who serves from it.
# The server refuses to serve as the first two.
set -e
psql --no-psqlrc -v ON_ERROR_STOP=1 -v owner="$OWNER_PASSWORD" -v serve="$SERVE_PASSWORD" --username postgres --dbname postgres <<'SQL'
CREATE ROLE extraordinary_app;
CREATE ROLE provisioning_owner LOGIN CREATEROLE PASSWORD :'owner';
CREATE ROLE provisioning_serve LOGIN PASSWORD :'serve' IN ROLE extraordinary_app;
CREATE DATABASE provisioning OWNER provisioning_owner ENCODING 'UTF8' TEMPLATE template0;
SQL
