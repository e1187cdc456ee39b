#!/usr/bin/env bash
# A plain column of the source is GENERATED in the application's table, and two stored values are not what the expression gives.
# Right: a finding before anything is written; verify exits 3 and names these rows and the column; with `skip` the column is listed
# as not compared and "every value" is not said; where the values agree, verify is content.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
# shellcheck source=tests/faults/preamble.sh
. "$(dirname "$0")/../preamble.sh" fault_23
fresh
schema=public mode=existing
sqlite3 s.db "CREATE TABLE foo (id INTEGER PRIMARY KEY, price INTEGER NOT NULL, qty INTEGER NOT NULL, total INTEGER, slug TEXT);
INSERT INTO foo VALUES (1,5,2,10,'five'),(2,7,3,19,'seven'),(3,1,1,NULL,'one')"
q "CREATE TABLE foo (id serial PRIMARY KEY, price integer NOT NULL, qty integer NOT NULL, total integer GENERATED ALWAYS AS (price * qty) STORED, slug text)"
spec
said() { python3 -c "
import json
$1"; }
"$TRANSSHIP" plan s.toml --format json > plan.json 2> err; code=$?
found=$(said "print([(one['severity'], one['column']) for one in json.load(open('plan.json'))['findings'] if one['code'] == 'target_computes'])")
[ "$code $found" = "0 [('warns', 'total')]" ] || { echo "  wrong: plan exits $code and finds $found"; wrong=1; }
"$TRANSSHIP" apply s.toml --yes > out 2>&1 || { tail -n 3 out; exit 1; }
"$TRANSSHIP" verify s.toml --format json > out.json 2> err; code=$?
found=$(said "print([(one['key'], one['column']) for table in json.load(open('out.json'))['tables'] for one in table['examples']])")
[ "$code $found" = "3 [('id=2', 'total'), ('id=3', 'total')]" ] || { echo "  wrong: verify exits $code and names $found"; wrong=1; }
"$TRANSSHIP" verify s.toml 2>&1 | grep -q "every value" && { echo "  wrong: every value is said to be equal"; wrong=1; }
spec '[tables.foo.columns.total]
skip = true'
"$TRANSSHIP" verify s.toml > out 2>&1; code=$?
[ $code = 0 ] || { echo "  wrong: verify without the column exits $code"; cat out; wrong=1; }
grep -q "column foo.total: left out" out || { echo "  wrong: the column is not listed"; cat out; wrong=1; }
grep -q "every value" out && { echo "  wrong: every value is said to be equal without the column"; wrong=1; }
spec
sqlite3 s.db "UPDATE foo SET total = price * qty"
"$TRANSSHIP" verify s.toml > out 2>&1; code=$?
[ $code = 0 ] && grep -q "every value" out || { echo "  wrong: verify of equal columns exits $code"; cat out; wrong=1; }
echo "target: $(q 'SELECT string_agg(total::text, $$ $$ ORDER BY id) FROM foo')"
exit $wrong
