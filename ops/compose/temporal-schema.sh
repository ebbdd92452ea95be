#!/bin/sh
# Brings Temporal's own two databases up to date; a second run finds nothing to do.
set -eu
for database in temporal temporal_visibility; do
  folder=$([ "$database" = temporal ] && echo temporal || echo visibility)
  sql() { temporal-sql-tool --plugin postgres12 --ep "$POSTGRES_SEEDS" -p "$DB_PORT" -u "$POSTGRES_USER" --db "$database" "$@"; }
  sql setup-schema -v 0.0
  sql update-schema -d "/etc/temporal/schema/postgresql/v12/$folder/versioned"
done
