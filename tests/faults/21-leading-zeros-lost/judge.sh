#!/usr/bin/env bash
# Text with zeros in front becomes a number only with a word.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
set -u
: "${TRANSSHIP:?the binary}" "${PG:?a PostgreSQL, as postgres://user@host:port}"
TRANSSHIP=$(realpath "$TRANSSHIP"); export NO_COLOR=1 PGTZ=UTC
work=$(mktemp -d); cd "$work" || exit 1
db=fault_21
wrong=0
clean() { psql -qX "$PG/postgres" -c "DROP DATABASE IF EXISTS $db WITH (FORCE)" 2>/dev/null; }
trap 'clean; cd /; rm -rf "$work"' EXIT
q() { psql -XAtq "$PG/$db" -c "$1"; }
fresh() {
    clean; psql -qX "$PG/postgres" -c "CREATE DATABASE $db" || exit 1
    q 'CREATE TABLE wei (id serial PRIMARY KEY, amount numeric(78)); CREATE TABLE zip (id serial PRIMARY KEY, code integer)'
}
# LINES
spec() {
    printf 'spec = 1\nname = "fault"\n[source]\nurl = "sqlite:s.db"\n[target]\nurl = "%s/%s"\nschema = "public"\ntables = "existing"\n%s\n' \
        "$PG" "$db" "$1" > s.toml
}
# WHAT EXPECTED FOUND
judge() {
    echo "$1: $3"
    [ "$2" = "$3" ] || { echo "  wrong: expected $2; $(tail -n 3 out)"; wrong=1; }
}
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
