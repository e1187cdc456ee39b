#!/usr/bin/env bash
# Planning time: a sum of many columns, a long product, CASE in CASE, subqueries in subqueries, views that join one another.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
# shellcheck source=tests/faults/preamble.sh
. "$(dirname "$0")/../preamble.sh" fault_10
fresh
spec

# NAME SQL [WORDS] — a debug build on a busy machine plans it in 20 seconds, and carries everything over but for what stays
# behind in these words
judge() {
    rm -f s.db; sqlite3 s.db "$2" || exit 1
    begun=$(date +%s%N)
    timeout -s KILL 60 "$TRANSSHIP" plan s.toml > plan.out 2>&1; code=$?
    took=$(( ($(date +%s%N) - begun) / 1000000 ))
    behind=$(grep -c '^Left behind' plan.out)
    [ -z "${3-}" ] || { tr -s '\n ' ' ' < plan.out | grep -qF "$3" && behind=0; }
    echo "$1: $took ms, exit $code"
    [ $code = 0 ] && [ $took -lt 20000 ] && [ "$behind" = 0 ] && grep -q "steps to do" plan.out || { echo "  wrong"; tail -n 20 plan.out; wrong=1; }
}
table="create table t (id integer primary key, n integer)"
for terms in 28 40 500; do
    columns=$(seq -f 'c%g integer' -s ', ' $terms); sum=$(seq -f 'c%g' -s ' + ' $terms)
    judge "a sum of $terms columns" "create table t (id integer primary key, $columns, total integer generated always as ($sum))"
done
sum=$(seq -f 'c%g' -s ' + ' 500)
judge "a view of a sum of 500 columns" "create table t (id integer primary key, $(seq -f 'c%g integer' -s ', ' 500)); create view v as select distinct $sum as total from t"
judge "a product of 30" "$table; create view v as select $(yes id | head -n 30 | paste -sd '*') as p from t"
inner=n; for _ in $(seq 10); do inner="case when n > 1 then $inner else 0 end"; done
judge "CASE in CASE" "$table; create view v as select $inner as x from t"
inner="select 1"; for _ in $(seq 8); do inner="select ($inner) + 1"; done
judge "subqueries in subqueries" "$table; create view v as select ($inner) as x from t"
# SQLite itself expands each of them as often as it is named, wherever it is asked for one: its time doubles with each, and
# from the 17th on it refuses.
views="create view v0 as select id, n from t;"
for at in $(seq 14); do views+="create view v$at as select a.id, b.n from v$((at - 1)) a join v$((at - 1)) b on a.id = b.id;"; done
judge "15 views that join one another" "$table; $views"
for at in $(seq 15 40); do views+="create view v$at as select a.id, b.n from v$((at - 1)) a join v$((at - 1)) b on a.id = b.id;"; done
judge "41 views that join one another" "$table; $views" "view v15, v16, v17, v18, v19 and 21 more it comes to more than 65535 tables and views"
exit $wrong
