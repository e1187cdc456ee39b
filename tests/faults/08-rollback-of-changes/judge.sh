#!/usr/bin/env bash
# The application writes rows into migrated tables and makes a table of its own under a migrated name; then rollback. Its rows
# must be there afterwards. What was only renamed must be gone.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
set -u; : "${TRANSSHIP:?the binary}" "${PG:?a PostgreSQL, as postgres://user@host:port}"
TRANSSHIP=$(realpath "$TRANSSHIP"); export NO_COLOR=1 PGTZ=UTC
work=$(mktemp -d); trap 'cd /; rm -rf "$work"' EXIT; cd "$work" || exit 1
db=fault_08_rollback; wrong=0
q() { psql -XAtq "$PG/$db" -c "$1" 2>&1; }
judge() { # WHAT FOUND RIGHT
    echo "$1: $2"
    if [ "$2" != "$3" ]; then echo "  right: $3"; wrong=1; fi
}
fresh() {
    psql -qX "$PG/postgres" -c "DROP DATABASE IF EXISTS $db WITH (FORCE)" -c "CREATE DATABASE $db" 2>/dev/null
    "$TRANSSHIP" apply s.toml --yes >apply.out 2>&1 || { cat apply.out; wrong=1; }
}
rollback() { "$TRANSSHIP" rollback s.toml --yes "$@" >rollback.out 2>&1; echo $?; }

printf 'spec = 1\nname = "fault"\n[source]\nurl = "sqlite:s.db"\n[target]\nurl = "%s/%s"\nschema = "app"\n' "$PG" "$db" > s.toml
sqlite3 s.db "create table a (id integer primary key, n text, x integer); create table b (id integer primary key, a integer references a);
    insert into a values (1, 'a', 1), (2, 'b', 2), (3, 'c', 3); insert into b values (1, 1)"

fresh
q "insert into app.a values (200, 'application', 0), (201, 'application', 0)"
judge "rows added: exit" "$(rollback)" 3
judge "rows added: there" "$(q 'select count(*) from app.a')" 5
q "delete from app.a where id >= 200; update app.a set n = 'by the application' where id = 2"
judge "a row changed: exit" "$(rollback)" 3
judge "a row changed: there" "$(q "select n from app.a where id = 2")" "by the application"
judge "kept as wished: exit" "$(rollback --keep-changes)" 0
judge "kept as wished: there" "$(q "select n from app.a where id = 2")" "by the application"

fresh
q "drop table app.b; create table app.b (mine text); insert into app.b values ('row')"
judge "made anew: exit" "$(rollback)" 3
judge "made anew: there" "$(q 'select mine from app.b')" row
judge "made anew: the rest" "$(q 'select count(*) from app.a')" 3

fresh
q "alter schema app rename to elsewhere; alter table elsewhere.b set schema public; alter table b rename to c"
judge "renamed: exit" "$(rollback)" 0
judge "renamed: left over" "$(q "select count(*) from pg_class where oid >= 16384")" 0

psql -qX "$PG/postgres" -c "DROP DATABASE IF EXISTS $db WITH (FORCE)" 2>/dev/null
exit $wrong
