#!/usr/bin/env bash
# The source has a value that fits the target's type no more; the target has NULL, or the value of before. Right: verify exits 3 and
# names table, row and column and the reason, in every table, by a sample as well; a value that the spec wants as NULL is equal.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
# shellcheck source=tests/faults/preamble.sh
. "$(dirname "$0")/../preamble.sh" fault_04
fresh
spec
tables="ints dates flags docs nums"
for t in "ints integer 5" "dates datetime '2024-01-02'" "flags boolean 1" "docs json '{}'" "nums numeric(4,1) 1.5"; do
    set -- $t; sqlite3 s.db "create table $1 (id integer primary key, v $2); insert into $1 values (1, $3), (2, null)"
done
"$TRANSSHIP" apply s.toml --yes > out 2>&1 || { tail -n 3 out; exit 1; }
"$TRANSSHIP" verify s.toml > out 2>&1 || { echo "  wrong: not equal from the beginning"; tail -n 3 out; wrong=1; }
for t in $tables; do sqlite3 s.db "update $t set v = 'abc' where id = 1"; done
judge() {
    "$TRANSSHIP" verify s.toml --format json > out.json 2> err; code=$?
    [ $code = 3 ] || { echo "  wrong: $1: exit $code"; wrong=1; }
    for t in $tables; do
        seen=$(python3 -c "
import json
[table] = [table for table in json.load(open('out.json'))['tables'] if table['table'] == '$t']
print(table['different'], *[(one['key'], one['column'], bool(one.get('reason'))) for one in table['examples']])")
        [ "$seen" = "1 ('id=1', 'v', True)" ] || { echo "  wrong: $1: $t: $seen"; wrong=1; }
    done
    if grep -q abc out.json err; then echo "  wrong: $1: the value is shown"; wrong=1; fi
}
judge "the target has the value of before"
for t in $tables; do q "update app.$t set v = null where id = 1"; done
judge "the target has NULL"
"$TRANSSHIP" verify s.toml --sample 50% > out 2>&1; code=$?
[ $code = 3 ] || { echo "  wrong: a sample: exit $code"; wrong=1; }
# The spec's own word for it.
fresh
spec '[tables.ints]
on_bad_value = "null"
[tables.dates]
on_bad_value = "null"
[tables.flags]
on_bad_value = "null"
[tables.docs]
on_bad_value = "null"
[tables.nums]
on_bad_value = "null"'
"$TRANSSHIP" apply s.toml --yes > out 2>&1 || { tail -n 3 out; exit 1; }
"$TRANSSHIP" verify s.toml > out 2>&1; code=$?
[ $code = 0 ] || { echo "  wrong: NULL by the spec: exit $code"; cat out; wrong=1; }
echo "source: $(sqlite3 s.db "select typeof(v), v from ints where id = 1")   target: $(q 'select coalesce(v::text, $$NULL$$) from app.ints where id = 1')"
exit $wrong
