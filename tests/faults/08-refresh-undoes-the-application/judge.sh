#!/usr/bin/env bash
# The application deletes a row, adds one and changes one in the target; a row changes in the source; apply --refresh. Then
# rollback, with two more rows of the application. Right: refused with exit code 3, or the application's rows kept; rollback
# stops. And tables = "replace": rollback brings the old table back.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
set -u
: "${TRANSSHIP:?the binary}" "${PG:?a PostgreSQL, as postgres://user@host:port}"
TRANSSHIP=$(realpath "$TRANSSHIP")
export NO_COLOR=1 PGTZ=UTC
work=$(mktemp -d)
cd "$work" || exit 1
db=fault_08
trap 'cd /; rm -rf "$work"' EXIT
wrong=0

fresh() { psql -qX "$PG/postgres" -c "DROP DATABASE IF EXISTS $db WITH (FORCE)" -c "CREATE DATABASE $db" 2>/dev/null; }
q() { psql -XAtq "$PG/$db" -c "$1" 2>&1; }
rows() { q 'select id, v from app.t order by id' | tr '\n' ' '; }
spec() { printf 'spec = 1\nname = "fault"\n[source]\nurl = "sqlite:s.db"\n[target]\nurl = "%s/%s"\nschema = "app"\n%s\n' "$PG" "$db" "${1:-}" >s.toml; }
# Newer releases of pg_dump guard their output by a key that is another every time.
dumped() { pg_dump "$PG/$db" --schema=app | grep -v 'restrict '; }
judge() { # WORDS SEEN RIGHT
    if [ "$2" = "$3" ]; then
        echo "right: $1: $2"
    else
        echo "wrong: $1: $2, and not $3"
        wrong=1
    fi
}

fresh
spec
sqlite3 s.db "create table t (id integer primary key, v text); insert into t values (1,'a'),(2,'b'),(3,'c')"
"$TRANSSHIP" apply s.toml --yes >apply.out 2>&1 || { cat apply.out; exit 1; }
q "delete from app.t where id = 3; insert into app.t values (100, 'application'); update app.t set v = 'by the application' where id = 2" >/dev/null
sqlite3 s.db "update t set v = 'A' where id = 1"
before=$(rows)
"$TRANSSHIP" apply s.toml --yes --refresh >refresh.out 2>&1
refreshed=$?
# Kept changes are right as well, where only the row that has changed in the source is another one.
kept=${before/1|a /1|A }
after=$(rows)
if [ "$refreshed" -eq 0 ]; then judge "rows after a refresh that ends well" "$after" "$kept"; else judge "exit code of the refresh, and the rows" "$refreshed $after" "3 $before"; fi
judge "foreign rows are named" "$(grep -c 'id=100' refresh.out)" 1

q "insert into app.t values (200, 'application'), (201, 'application')" >/dev/null
"$TRANSSHIP" rollback s.toml --yes >rollback.out 2>&1
judge "exit code of the rollback, and the application's rows" "$? $(q 'select count(*) from app.t where id >= 100')" "3 3"

fresh
spec 'tables = "replace"'
q "create schema app; create table app.t (id serial primary key, old text unique); comment on table app.t is 'old'; insert into app.t (old) values ('x'), ('y')" >/dev/null
old=$(dumped)
"$TRANSSHIP" apply s.toml --yes >apply.out 2>&1
judge "rows that replace the old ones" "$? $(rows)" "0 1|A 2|b 3|c "
"$TRANSSHIP" rollback s.toml --yes >rollback.out 2>&1
judge "exit code of the rollback of a replaced table" "$?" 0
[ "$(dumped)" = "$old" ]
judge "the old table is what it was, by pg_dump" "$?" 0
exit "$wrong"
