#!/usr/bin/env bash
# Names with $$ where the tables of the target are replaced or emptied; a local time that comes twice at the end of summer time.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
# shellcheck disable=SC2016
set -u
: "${TRANSSHIP:?the binary}" "${PG:?a PostgreSQL, as postgres://user@host:port}"
TRANSSHIP=$(realpath "$TRANSSHIP"); export NO_COLOR=1 PGTZ=UTC
work=$(mktemp -d); cd "$work" || exit 1
db=fault_14
wrong=0
clean() { psql -qX "$PG/postgres" -c "DROP DATABASE IF EXISTS $db WITH (FORCE)" -c 'DROP ROLE IF EXISTS "fault_14$$role"' 2>/dev/null; }
trap 'clean; cd /; rm -rf "$work"' EXIT
fresh() { clean; psql -qX "$PG/postgres" -c "CREATE DATABASE $db" || exit 1; }
q() { psql -XAtq "$PG/$db" -c "$1"; }
# LINES OF [target]
spec() { printf 'spec = 1\nname = "fault"\n[source]\nurl = "sqlite:s.db"\n[target]\nurl = "%s/%s"\nschema = "a$$pp"\n%s\n' "$PG" "$db" "$1" > s.toml; }
# WHAT EXPECTED FOUND
judge() {
    echo "$1: $3"
    [ "$2" = "$3" ] || { echo "  wrong: expected $2; $(grep -m1 -a -e FAILED -e × out)"; wrong=1; }
}
sqlite3 s.db 'CREATE TABLE "a$$b" (id INTEGER PRIMARY KEY, "u$$d" TEXT); INSERT INTO "a$$b" VALUES (1, '"'new')"
rows='SELECT string_agg(id || "u$$d", '"','"') FROM "a$$pp"."a$$b"'

fresh; spec 'tables = "replace"
settings = { "app.a$$b" = "it$$s" }
grants = { "fault_14$$role" = "read" }'
q 'CREATE SCHEMA "a$$pp"; CREATE TABLE "a$$pp"."a$$b" (x int)'
"$TRANSSHIP" apply s.toml --yes > out 2>&1
judge "replaced" 1new "$(q "$rows" 2>&1)"
judge "the setting" 'it$$s' "$(q 'SELECT current_setting('"'app.a\$\$b'"')' 2>&1)"
judge "the role may read" t "$(q 'SELECT has_table_privilege('"'fault_14\$\$role', '\"a\$\$pp\".\"a\$\$b\"', 'SELECT'"')' 2>&1)"

fresh; spec 'tables = "existing"
existing_rows = "truncate"'
q 'CREATE SCHEMA "a$$pp"; CREATE TABLE "a$$pp"."a$$b" (id bigint PRIMARY KEY, "u$$d" text); INSERT INTO "a$$pp"."a$$b" VALUES (7, null)'
"$TRANSSHIP" apply s.toml --yes > out 2>&1
judge "emptied and filled" 1new "$(q "$rows" 2>&1)"

fresh; spec 'settings = { "app.a$$b" = "it$$s" }
grants = { "fault_14$$role" = "read" }'
"$TRANSSHIP" apply s.toml --yes > out 2>&1
judge "made" 1new "$(q "$rows" 2>&1)"
"$TRANSSHIP" rollback s.toml --yes > out 2>&1
judge "left after a rollback" 0,0,0 "$(q 'SELECT (SELECT count(*) FROM pg_namespace WHERE nspname IN ('"'a\$\$pp', 'transship'"')) || '"','"' ||
    (SELECT count(*) FROM pg_roles WHERE rolname = '"'fault_14\$\$role'"') || '"','"' || (SELECT count(*) FROM pg_db_role_setting s
    JOIN pg_database d ON d.oid = s.setdatabase WHERE datname = current_database())')"

rm s.db; sqlite3 s.db "CREATE TABLE f (id INTEGER PRIMARY KEY, at DATETIME);
    INSERT INTO f VALUES (1,'2024-10-27 02:30:00'),(2,'2024-10-27 02:59:59'),(3,'2024-10-27 01:30:00')"
# LINES
local_times() {
    printf 'spec = 1\nname = "fault"\n[source]\nurl = "sqlite:s.db"\ntimezone = "Europe/Berlin"\n[target]\nurl = "%s/%s"\nschema = "app"\n%s\n' \
        "$PG" "$db" "$1" > s.toml
}
instants="SELECT string_agg(to_char(at, 'HH24:MI:SS'), ' ' ORDER BY id) FROM app.f"
fresh; local_times ''
"$TRANSSHIP" plan s.toml --format json > out 2> err
judge "a repeated local time, plan exits" 3 $?
judge "so many rows" 2 "$(sqlite3 :memory: "SELECT json_extract(value, '$.count') FROM json_each(readfile('out'), '$.findings')
    WHERE json_extract(value, '$.code') = 'value_does_not_fit'")"
"$TRANSSHIP" apply s.toml --yes --no-profile > out 2>&1
judge "without a look it wrote" 0 "$(q 'SELECT count(*) FROM app.f')"
for word in 'later 01:30:00 01:59:59 23:30:00' 'earlier 00:30:00 00:59:59 23:30:00'; do
    fresh; local_times "[tables.f.columns.at]
repeated_time = \"${word%% *}\""
    "$TRANSSHIP" apply s.toml --yes > out 2>&1
    judge "${word%% *}" "${word#* }" "$(q "$instants")"
done
exit $wrong
