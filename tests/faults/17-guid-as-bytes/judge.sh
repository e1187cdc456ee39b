#!/usr/bin/env bash
# 16 bytes are a uuid only in an order that the spec says; text in the same column stays what it is.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
# shellcheck source=tests/faults/preamble.sh
. "$(dirname "$0")/../preamble.sh" fault_17
fresh() {
    clean; psql -qX "$PG/postgres" -c "CREATE DATABASE $db" || exit 1
    q 'CREATE TABLE "Items" ("Id" uuid NOT NULL PRIMARY KEY, "OwnerId" uuid NOT NULL)'
}
schema=public mode=existing
sqlite3 s.db "CREATE TABLE Items (Id BLOB NOT NULL PRIMARY KEY, OwnerId TEXT NOT NULL);
    INSERT INTO Items VALUES (x'33221100554477668899AABBCCDDEEFF','00112233-4455-6677-8899-AABBCCDDEEFF');
    INSERT INTO Items VALUES ('00112233-4455-6677-8899-AABBCCDDEE00','{00112233-4455-6677-8899-aabbccddee00}')"
ids='SELECT string_agg("Id"::text, '"' '"' ORDER BY "OwnerId") FROM "Items"'
text=00112233-4455-6677-8899-aabbccddee00

fresh; spec ''
"$TRANSSHIP" plan s.toml > out 2>&1
judge "without a word, plan exits" 3 $?
judge "it offers both orders" 2 "$(grep -o -e 'from = "uuid"' -e 'from = "guid"' out | sort -u | wc -l)"
"$TRANSSHIP" apply s.toml --yes --no-profile > out 2>&1
judge "without a look it wrote" 0 "$(q 'SELECT count(*) FROM "Items"')"

fresh; spec '[tables.Items.columns.Id]
from = "guid"'
"$TRANSSHIP" apply s.toml --yes > out 2>&1
judge "as a Guid" "$text 00112233-4455-6677-8899-aabbccddeeff" "$(q "$ids")"
fresh; spec '[tables.Items.columns.Id]
from = "uuid"'
"$TRANSSHIP" apply s.toml --yes > out 2>&1
judge "as the digits" "$text 33221100-5544-7766-8899-aabbccddeeff" "$(q "$ids")"
exit $wrong
