#!/bin/sh
# Makes or updates the tables of Temporal; harmless when repeated.
set -eu
export SQL_PASSWORD="$TEMPORAL_DB_PASSWORD"
schema=/etc/temporal/schema/postgresql/v12
for pair in temporal:temporal temporal_visibility:visibility; do
  database=${pair%%:*}
  tool="temporal-sql-tool --plugin postgres12 --ep postgres -p 5432 -u temporal --db $database"
  $tool setup-schema -v 0.0 || true
  $tool update-schema -d "$schema/${pair##*:}/versioned"
done
