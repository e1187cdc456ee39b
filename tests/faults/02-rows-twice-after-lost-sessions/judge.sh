#!/usr/bin/env bash
# All sessions of a run end on the server while it sleeps, a second run does the work, the first one wakes up.
# Right: each row once, the second run exits 0, the first one says by which run it was overtaken and exits 1.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
set -u
: "${TRANSSHIP:?the binary}" "${PG:?a PostgreSQL, as postgres://user@host:port}"
TRANSSHIP=$(realpath "$TRANSSHIP"); export NO_COLOR=1 PGTZ=UTC
work=$(mktemp -d); cd "$work" || exit 1
db=fault_02; wrong=0; first=0
clean() {
    [ "$first" = 0 ] || kill -KILL "$first" 2>/dev/null
    psql -qX "$PG/postgres" -c "DROP DATABASE IF EXISTS $db WITH (FORCE)" 2>/dev/null
    cd /; rm -rf "$work"
}
trap clean EXIT
psql -qX "$PG/postgres" -c "DROP DATABASE IF EXISTS $db WITH (FORCE)" -c "CREATE DATABASE $db" 2>/dev/null
q() { psql -XAtq "$PG/$db" -c "$1"; }
# WHAT EXPECTED FOUND
judge() {
    echo "$1: $3"
    [ "$2" = "$3" ] || { echo "  wrong: expected $2"; wrong=1; }
}
printf 'spec = 1\nname = "fault"\n[source]\nurl = "sqlite:s.db"\n[target]\nurl = "%s/%s"\nschema = "app"\n' "$PG" "$db" > s.toml
sqlite3 s.db "CREATE TABLE log (at TEXT, msg TEXT);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 90000)
    INSERT INTO log SELECT '2024-01-01', 'message ' || i || printf('%.1000c', 'x') FROM n"

"$TRANSSHIP" apply s.toml --yes --jobs 1 > a.out 2>&1 & first=$!
copies="SELECT EXISTS (SELECT FROM pg_stat_progress_copy WHERE datname = current_database() AND tuples_processed > 100)"
for _ in $(seq 3000); do
    [ "$(q "$copies")" = t ] && break
    kill -0 "$first" 2>/dev/null || break
done
kill -STOP "$first"
judge "the first run is frozen while it copies" t "$(q "$copies")"
q "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()" > /dev/null
"$TRANSSHIP" apply s.toml --yes --jobs 1 > b.out 2>&1; judge "the second run exits" 0 $?
rows=$(sqlite3 s.db 'SELECT count(*), count(DISTINCT msg) FROM log')
judge "rows before the first run is woken" "$rows" "$(q 'SELECT count(*), count(DISTINCT msg) FROM app.log')"
kill -CONT "$first"; wait "$first"; judge "the first run exits" 1 $?
first=0
judge "rows afterwards" "$rows" "$(q 'SELECT count(*), count(DISTINCT msg) FROM app.log')"
grep -q "overtaken by run 2" a.out; judge "it says by which run it was overtaken (grep)" 0 $?
"$TRANSSHIP" apply s.toml --yes > c.out 2>&1; judge "the next run exits" 0 $?
judge "rows at the end" "$rows" "$(q 'SELECT count(*), count(DISTINCT msg) FROM app.log')"
exit $wrong
