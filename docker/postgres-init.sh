#!/bin/bash
# Runs once, in an empty cluster: one database and one role each for Lazaret and Temporal.
set -euo pipefail
psql -v ON_ERROR_STOP=1 --username postgres --dbname postgres \
  -v lazaret_password="$LAZARET_OWNER_PASSWORD" -v temporal_password="$TEMPORAL_DB_PASSWORD" <<'SQL'
create role lazaret_owner login createrole password :'lazaret_password';
create role temporal login password :'temporal_password';
create database lazaret owner lazaret_owner;
create database temporal owner temporal;
create database temporal_visibility owner temporal;
revoke connect on database lazaret, temporal, temporal_visibility from public;
SQL
