#!/usr/bin/env bash
# Parts of the ledger or of the target are gone. Right: `plan` and `apply` exit 3 and name the table, or everything is whole
# afterwards; nothing is written, no row is there twice, and the source's rows are never called done where they are not.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
# shellcheck source=tests/faults/preamble.sh
. "$(dirname "$0")/../preamble.sh" fault_11
spec

# NAME WORD SQL [SOURCE SQL]: after the SQL, plan and apply refuse with exit 3 and a message that holds the word
refused() {
    fresh
    rm -f s.db
    sqlite3 s.db "CREATE TABLE u (id INTEGER PRIMARY KEY, t TEXT); INSERT INTO u VALUES (1, 'a'), (2, 'b');
        CREATE TABLE v (a TEXT); INSERT INTO v VALUES ('x'), ('y')"
    "$TRANSSHIP" apply s.toml --yes > a.out 2>&1 || { echo "$1: the first apply failed"; wrong=1; return; }
    q "$3" > /dev/null 2>&1
    [ -z "${4:-}" ] || sqlite3 s.db "$4"
    local before after exit planned
    before=$(q 'SELECT a FROM app.v ORDER BY 1' 2>&1)
    "$TRANSSHIP" plan s.toml > p.out 2>&1; planned=$?
    "$TRANSSHIP" apply s.toml --yes > a.out 2>&1; exit=$?
    after=$(q 'SELECT a FROM app.v ORDER BY 1' 2>&1)
    echo "$1: plan exits $planned, apply $exit"
    if [ $planned -ne 3 ] || [ $exit -ne 3 ] || [ "$before" != "$after" ] || ! grep -q "$2" a.out; then
        echo "  wrong: $(grep -v '^$' a.out | tail -n 3 | tr '\n' ' ' | cut -c1-200)"; wrong=1
    fi
}
refused "schema gone" app.v "DROP SCHEMA app CASCADE"
refused "table gone" app.v "DROP TABLE app.v"
refused "table emptied" "app.v is empty" "TRUNCATE app.v"
refused "chunk table gone" "its table chunk" "DROP TABLE transship.chunk CASCADE"
refused "step table gone" "its table step" "DROP TABLE transship.step CASCADE"
refused "run table gone" "its table run" "DROP TABLE transship.run CASCADE"
refused "chunk rows gone" "lost its chunks" "DELETE FROM transship.chunk"
refused "chunk rows gone, a new row in the source" "lost its chunks" "DELETE FROM transship.chunk" "INSERT INTO v VALUES ('z')"
refused "step rows gone" "already holds app.v" "DELETE FROM transship.step"
refused "step and chunk rows of the copy gone" "app.v holds rows" \
    "DELETE FROM transship.step WHERE id = 'copy:v'; DELETE FROM transship.chunk WHERE table_name = 'v'"
refused "chunk without digest" "app.v holds rows" \
    "UPDATE transship.chunk SET digest = NULL, row_count = NULL WHERE table_name = 'v'; DELETE FROM transship.step WHERE id = 'copy:v'"
refused "chunk without digest, copy done" "of its 1 chunks not" \
    "UPDATE transship.chunk SET digest = NULL, row_count = NULL WHERE table_name = 'v'"
refused "ledger gone" "already holds app.v" "DROP SCHEMA transship CASCADE"
exit $wrong
