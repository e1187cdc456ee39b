#!/usr/bin/env bash
# The variable with the target's URL was forgotten; verify comes before apply; a trial is taken for the real thing.
# Right: exit 2 with both ways and nothing on the disk; exit 3 and no page of missing tables; the trial server is called that.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
# shellcheck source=tests/faults/preamble.sh
. "$(dirname "$0")/../preamble.sh" fault_41
transship() { "$TRANSSHIP" "$@" > out 2> said < /dev/null; }
# Words that may be broken over lines.
has() { tr -s '\n │' ' ' < "$2" | grep -cF "$1"; }

fresh
unset DATABASE_URL
sqlite3 s.db "CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO a VALUES (1, 'one'), (2, 'two')"
transship init s.db -o s.toml; judge "init exits" 0 $?
for command in "apply s.toml --yes" "verify s.toml" "status s.toml" "rollback s.toml --yes"; do
    # shellcheck disable=SC2086
    transship $command; judge "$command without a target exits" 2 $?
    judge "it names both ways" 11 "$(has 'DATABASE_URL=postgres://' said)$(has 'DATABASE_URL=embedded:' said)"
done
judge "files" "out s.db s.toml said" "$(ls -A | tr '\n' ' ' | sed 's/ $//')"

export DATABASE_URL=$PG/$db
transship verify s.toml; judge "verify before apply exits" 3 $?
judge "it prints no table" "" "$(cat out)"
judge "it says what is the matter" 1 "$(has 'nothing has been applied yet' said)"
transship apply s.toml --yes; judge "apply exits" 0 $?
judge "the line before its last" "Target: ${PG##*@}/$db, schema s" "$(tail -n 2 out | head -n 1)"
judge "rows" 2 "$(q 'SELECT count(*) FROM s.a')"
transship verify s.toml; judge "verify exits" 0 $?
judge "the line before its last" "Target: ${PG##*@}/$db, schema s" "$(tail -n 2 out | head -n 1)"

export DATABASE_URL=embedded:
transship apply s.toml --yes; judge "apply on the trial server exits" 0 $?
judge "the line before its last" "Target: the trial server under .transship, database s, schema s" "$(tail -n 2 out | head -n 1)"
transship verify s.toml --report proof.json; judge "verify on the trial server exits" 0 $?
judge "the line before its last" "Target: the trial server under .transship, database s, schema s" "$(tail -n 2 out | head -n 1)"
judge "the evidence says so" 1 "$(grep -c 'The target was the trial server' proof.json)"
exit $wrong
