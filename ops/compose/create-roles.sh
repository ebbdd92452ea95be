#!/bin/sh
# Run once by the postgres image, when its volume is empty: three logins, and the databases that they use. The owner of
# the tables migrates; api and worker may read the audit trail and add to it, and change nothing there.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres \
  --set owner="$OWNER_DB_PASSWORD" --set app="$APP_DB_PASSWORD" --set temporal="$TEMPORAL_DB_PASSWORD" <<'SQL'
create role authio_runtime nologin;
create role authio_owner login password :'owner';
create role authio_app login password :'app' in role authio_runtime;
create database authio owner authio_owner;
create role temporal login password :'temporal';
create database temporal owner temporal;
create database temporal_visibility owner temporal;
SQL
