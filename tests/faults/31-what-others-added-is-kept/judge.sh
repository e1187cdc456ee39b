#!/usr/bin/env bash
# Others add a column, draw keys from a sequence, or write into a table that was set aside; then `--refresh` and `discard`.
# Right: the column's values and the rows stay until a word of the user, exit 3; the sequence never goes back; what a refresh has
# detached and restored is not called another's by `rollback`.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
# shellcheck source=tests/faults/preamble.sh
. "$(dirname "$0")/../preamble.sh" fault_31
# [MODE]
fresh() {
    clean; psql -qX "$PG/postgres" -c "CREATE DATABASE $db"; rm -f s.db
    sqlite3 s.db "CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO a VALUES (1, 'one'), (2, 'two'), (3, 'three')"
    printf 'spec = 1\nname = "m"\n[source]\nurl = "sqlite:s.db"\n[target]\nurl = "%s/%s"\nschema = "app"\ntables = "%s"\n' \
        "$PG" "$db" "${1:-create}" > s.toml
}
transship() { "$TRANSSHIP" "$@" > out 2>&1; }

fresh; transship apply s.toml --yes
q "ALTER TABLE app.a ADD COLUMN plan text NOT NULL DEFAULT 'grandfathered'; ALTER TABLE app.a ALTER plan SET DEFAULT 'free'"
sqlite3 s.db "UPDATE a SET n = 'z' WHERE id = 1"
transship apply s.toml --yes --refresh; judge "refresh over a column of others exits" 3 $?
judge "its values" grandfathered "$(q 'SELECT DISTINCT plan FROM app.a')"
transship apply s.toml --yes --refresh --overwrite-changes; judge "with the user's word it exits" 0 $?

fresh
sqlite3 s.db "CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id)); INSERT INTO b VALUES (1, 1)"
transship apply s.toml --yes
q "SELECT nextval(pg_get_serial_sequence('app.a', 'id')) FROM generate_series(1, 5)" > /dev/null
sqlite3 s.db "UPDATE a SET n = 'z' WHERE id = 1"
transship apply s.toml --yes --refresh; judge "refresh exits" 0 $?
judge "the next key" 9 "$(q "SELECT nextval(pg_get_serial_sequence('app.a', 'id'))")"
transship rollback s.toml --yes; judge "rollback after a refresh exits" 0 $?

fresh replace
q "CREATE SCHEMA app; CREATE TABLE app.a (id int PRIMARY KEY, old text); INSERT INTO app.a VALUES (1, 'old')"
transship apply s.toml --yes
q "INSERT INTO transship_replaced_m.a SELECT n, 'added' FROM generate_series(2, 101) n"
transship discard s.toml --yes; judge "discard of what others have written to exits" 3 $?
judge "rows that stand there" 101 "$(q 'SELECT count(*) FROM transship_replaced_m.a')"
exit $wrong
