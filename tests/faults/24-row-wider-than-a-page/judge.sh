#!/usr/bin/env bash
# init leaves no row behind: what nothing keeps is an open decision, and what differs stays different.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
# shellcheck source=tests/faults/preamble.sh
. "$(dirname "$0")/../preamble.sh" fault_24
columns=$(seq -f 't%g TEXT' -s ', ' 0 1499)
values=$(yes "'abcdefghijkl'" | head -n 1500 | paste -sd ,)
sqlite3 s.db "CREATE TABLE wide_text (id INTEGER PRIMARY KEY, $columns); INSERT INTO wide_text (id) VALUES (1);
    INSERT INTO wide_text VALUES (2, $values)"
"$TRANSSHIP" init s.db -o wide.toml > out 2>&1
judge "a row that nothing keeps: init exits" 3 $?
judge "it is named as open" yes "$(grep -q 'still open.*id=2' out && echo yes)"
judge "no line leaves it behind" 0 "$(grep -c '^where' wide.toml)"

rm s.db
sqlite3 s.db "CREATE TABLE a (id INTEGER PRIMARY KEY, b BLOB UNIQUE); INSERT INTO a VALUES (1, 'A'), (2, x'41');
    CREATE TABLE b (x UNIQUE); INSERT INTO b VALUES (1), ('1'), (1.5), ('1.5'), (x'31')"
export DATABASE_URL="$PG/$db"
fresh
"$TRANSSHIP" init s.db -o alike.toml > out 2>&1
judge "values that differ in their storage class: init exits" 0 $?
"$TRANSSHIP" apply alike.toml --yes > out 2>&1
judge "apply exits" 0 $?
judge "all of them are there, and different" "2 5" \
    "$(q 'SELECT (SELECT count(DISTINCT b) FROM alike.a) || chr(32) || (SELECT count(DISTINCT x) FROM alike.b)')"
"$TRANSSHIP" verify alike.toml > out 2>&1
judge "verify exits" 0 $?
exit $wrong
