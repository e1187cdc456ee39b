#!/usr/bin/env bash
# A JSON document with a key twice, which jsonb cannot hold: by no path is it written without that key.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
# shellcheck source=tests/faults/preamble.sh
. "$(dirname "$0")/../preamble.sh" fault_05
spec
# An exit code that says the data are not right, or that the run failed.
refused() { [ "$1" = 1 ] || [ "$1" = 3 ]; echo $?; }
twice='{"role":"admin","role":"user"}'

fresh; sqlite3 s.db "CREATE TABLE d (id INTEGER PRIMARY KEY, j JSON); INSERT INTO d VALUES (1, '{\"a\":1}'), (2, '$twice')"
"$TRANSSHIP" apply s.toml --yes --no-profile > out 2>&1
judge "--no-profile refuses" 0 "$(refused $?)"
judge "--no-profile names the row" yes "$(grep -q 'id=2' out && echo yes)"
judge "--no-profile wrote" 0 "$(q 'SELECT count(*) FROM app.d WHERE id = 2' 2>/dev/null || echo 0)"

fresh; sqlite3 s.db "UPDATE d SET j = '{}' WHERE id = 2"
"$TRANSSHIP" apply s.toml --yes > out 2>&1
judge "applied" 0 $?
sqlite3 s.db "UPDATE d SET j = '$twice' WHERE id = 2"
"$TRANSSHIP" apply s.toml --yes --refresh > out 2>&1
judge "--refresh refuses" 0 "$(refused $?)"
judge "--refresh wrote" '{}' "$(q 'SELECT j FROM app.d WHERE id = 2')"
"$TRANSSHIP" apply s.toml --yes --refresh --no-profile > out 2>&1
judge "--refresh --no-profile refuses" 0 "$(refused $?)"
judge "--refresh --no-profile wrote" '{}' "$(q 'SELECT j FROM app.d WHERE id = 2')"
exit $wrong
