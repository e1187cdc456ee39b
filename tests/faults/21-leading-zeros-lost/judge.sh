#!/usr/bin/env bash
# Text with zeros in front becomes a number only with a word.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
# shellcheck source=tests/faults/preamble.sh
. "$(dirname "$0")/../preamble.sh" fault_21
fresh() {
    clean; psql -qX "$PG/postgres" -c "CREATE DATABASE $db" || exit 1
    q 'CREATE TABLE wei (id serial PRIMARY KEY, amount numeric(78)); CREATE TABLE zip (id serial PRIMARY KEY, code integer)'
}
schema=public mode=existing
great=115792089237316195423570985008687907853269984665640564039457584007913129639935
sqlite3 s.db "CREATE TABLE wei (id INTEGER PRIMARY KEY, amount TEXT); CREATE TABLE zip (id INTEGER PRIMARY KEY, code VARCHAR(5));
    INSERT INTO wei VALUES (1,'$great'),(2,'007'); INSERT INTO zip VALUES (1,'01234'),(2,'77')"

fresh; spec ''
"$TRANSSHIP" plan s.toml > out 2>&1
judge "without a word, plan exits" 3 $?
judge "it names the rows" 2 "$(grep -c -e 'id=1' -e 'id=2' out)"
judge "it offers the word" yes "$(grep -q 'leading_zeros = "drop"' out && echo yes)"
"$TRANSSHIP" apply s.toml --yes --no-profile > out 2>&1
judge "without a look it wrote" 0 "$(q "SELECT count(*) FROM zip WHERE code = 1234")"

fresh; spec '[tables.wei.columns.amount]
leading_zeros = "drop"
[tables.zip.columns.code]
leading_zeros = "drop"'
"$TRANSSHIP" apply s.toml --yes > out 2>&1
judge "with the word" "$great 7 1234 77" "$(q "SELECT (SELECT string_agg(amount::text, ' ' ORDER BY id) FROM wei) || ' ' ||
    (SELECT string_agg(code::text, ' ' ORDER BY id) FROM zip)")"
exit $wrong
